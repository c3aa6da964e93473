import { BaseRpcContext } from '@nestjs/microservices';

import type { IncomingRecord } from '../client/record.ts';

/** What `@Ctx()` gives a handler: the record (of a batch: its first), and a signal that aborts when the partition is lost. */
export class EventLogContext extends BaseRpcContext<[record: IncomingRecord, signal: AbortSignal]> {
  get record(): IncomingRecord {
    return this.getArgByIndex(0);
  }

  get signal(): AbortSignal {
    return this.getArgByIndex(1);
  }
}
