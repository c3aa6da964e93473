import type { TopicCatalog } from '../catalog/topic-catalog.ts';
import type { Clock } from '../groups/clock.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type {
  FetchedFrom,
  FetchedPartition,
  FetchRequest,
  FetchResponse,
} from '../protocol/fetch.ts';
import { errorCodeOf } from './error-code-of.ts';
import type { RequestContext } from './request-context.ts';

const NOTHING = Buffer.alloc(0);
/** Limit of the records in one response, whatever the client requests; a single larger batch is still sent. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const MAX_WAIT = 5 * 60 * 1000;

/** Reads records; if there are too few, waits for more as long as the client allows. */
export class FetchHandler {
  constructor(
    private readonly topics: TopicCatalog,
    private readonly clock: Clock,
  ) {}

  async fetch(request: FetchRequest, context: RequestContext): Promise<FetchResponse> {
    // A connection has the records of one response in memory at a time, however many fetches it has sent.
    await context.turn;
    const deadline = this.clock.now() + Math.min(request.maxWait, MAX_WAIT);
    const change = new Change(this.logsOf(request), this.clock, context.closing);
    try {
      for (;;) {
        change.reset();
        const response = await this.collect(request);
        const left = deadline - this.clock.now();
        if (isEnough(response, request.minBytes) || left <= 0 || context.closing.aborted)
          return response;
        await change.within(left);
      }
    } finally {
      change.release();
    }
  }

  private async collect({ topics, maxBytes }: FetchRequest): Promise<FetchResponse> {
    let left = Math.min(maxBytes, MAX_RESPONSE_BYTES);
    const collected: { name: string; partitions: FetchedPartition[] }[] = [];
    for (const { name, partitions } of topics) {
      const fetched: FetchedPartition[] = [];
      for (const from of partitions) {
        const partition = await this.read(name, from, left);
        left -= partition.records.length;
        fetched.push(partition);
      }
      collected.push({ name, partitions: fetched });
    }
    return { topics: collected };
  }

  private async read(name: string, from: FetchedFrom, left: number): Promise<FetchedPartition> {
    const { index } = from;
    const log = this.topics.log(name, index);
    if (!log) return noRecords(index, ErrorCode.unknownTopicOrPartition);
    try {
      const maxBytes = Math.max(0, Math.min(from.maxBytes, left));
      const records = left > 0 ? await log.read(from.offset, maxBytes) : NOTHING;
      const { highWatermark, startOffset: logStartOffset } = log;
      return { index, error: ErrorCode.none, highWatermark, logStartOffset, records };
    } catch (error) {
      const deleted = this.topics.log(name, index) !== log;
      return noRecords(
        index,
        deleted ? ErrorCode.unknownTopicOrPartition : errorCodeOf(error),
        log,
      );
    }
  }

  private logsOf({ topics }: FetchRequest): PartitionLog[] {
    return topics.flatMap(({ name, partitions }) =>
      partitions.flatMap(({ index }) => this.topics.log(name, index) ?? []),
    );
  }
}

function noRecords(index: number, error: ErrorCode, log?: PartitionLog): FetchedPartition {
  return {
    index,
    error,
    highWatermark: log?.highWatermark ?? -1,
    logStartOffset: log?.startOffset ?? -1,
    records: NOTHING,
  };
}

function isEnough({ topics }: FetchResponse, minBytes: number): boolean {
  const partitions = topics.flatMap((topic) => topic.partitions);
  const bytes = partitions.reduce((sum, { records }) => sum + records.length, 0);
  return bytes >= minBytes || partitions.some(({ error }) => error !== ErrorCode.none);
}

/** Waits until one of the logs changes. */
class Change {
  private happened = false;
  private wake = () => {};
  private readonly releases: (() => void)[];

  constructor(
    logs: readonly PartitionLog[],
    private readonly clock: Clock,
    closing: AbortSignal,
  ) {
    const onChange = () => {
      this.happened = true;
      this.wake();
    };
    this.releases = logs.map((log) => log.onChange(onChange));
    closing.addEventListener('abort', onChange);
    this.releases.push(() => closing.removeEventListener('abort', onChange));
  }

  reset(): void {
    this.happened = false;
  }

  /** Resolves with the first change since `reset`, or after the given time. */
  async within(milliseconds: number): Promise<void> {
    if (this.happened) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const cancel = this.clock.after(milliseconds, resolve);
    await promise;
    cancel();
  }

  release(): void {
    for (const release of this.releases) release();
  }
}
