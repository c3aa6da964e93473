import type { FetchMark } from '../client/end-offset-requests.ts';

export interface FetchMarksOptions {
  log: { fetchMark(): FetchMark };
  /** Called once for each fetch that brought records. */
  onFetch?: ((mark: FetchMark) => void) | undefined;
}

/** The marks of the fetches of one consumer: all partitions of a fetch share one. */
export class FetchMarks {
  private current: FetchMark;
  private announced: FetchMark | undefined;

  constructor(private readonly options: FetchMarksOptions) {
    this.current = options.log.fetchMark();
  }

  /** A fetch has returned. Not earlier: what was requested before may miss what was written before the records of the fetch. */
  returned(): void {
    this.current = this.options.log.fetchMark();
  }

  /** The mark for records of the last fetch. */
  forRecords(): FetchMark {
    if (this.announced !== this.current) {
      this.announced = this.current;
      this.options.onFetch?.(this.current);
    }
    return this.current;
  }
}
