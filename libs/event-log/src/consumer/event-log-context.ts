import { BaseRpcContext } from '@nestjs/microservices';

import type { FetchMark } from '../client/end-offset-requests.ts';
import type { IncomingRecord } from '../client/record.ts';

/** The `@Ctx()` of a handler: the record (for a batch, its first record), and a signal that aborts when the partition is lost. */
export class EventLogContext extends BaseRpcContext<
  [record: IncomingRecord, signal: AbortSignal, fetchMark?: FetchMark]
> {
  get record(): IncomingRecord {
    return this.getArgByIndex(0);
  }

  get signal(): AbortSignal {
    return this.getArgByIndex(1);
  }

  /** The mark of the last fetch that brought records of the batch; `undefined` for a handler of single records. */
  get fetchMark(): FetchMark | undefined {
    return this.getArgByIndex(2);
  }
}
