import { BaseRpcContext } from '@nestjs/microservices';

import type { IncomingRecord } from '../client/record.ts';

/** The `@Ctx()` of a handler: the record (for a batch, its first record), and a signal that aborts when the partition is lost. */
export class EventLogContext extends BaseRpcContext<[record: IncomingRecord, signal: AbortSignal]> {
  get record(): IncomingRecord {
    return this.getArgByIndex(0);
  }

  get signal(): AbortSignal {
    return this.getArgByIndex(1);
  }
}
