import { Topics, uuidV5 } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';

import { organizationId } from '../events.ts';
import type { EventPlan } from './plan.ts';

/** TrustID has a name for `case.completed`, too. */
export const eventTypes = ['case.completed', 'case.erased'] as const;

export const eventIdOf = (offset: number): string =>
  uuidV5('event', Topics.casewireEvents, source, `${offset}`);

const source = '/cases';

/** One partition of a topic of events, and its committed offset. */
export class Topic {
  readonly records: IncomingRecord[] = [];
  /** Accepts every commit, also of an instance that lost the partition. */
  committed = 0;

  publish({ key, erases }: EventPlan, at: Date): void {
    const offset = this.records.length;
    this.records.push({
      topic: Topics.casewireEvents,
      partition: 0,
      offset: BigInt(offset),
      key,
      value: Buffer.from(JSON.stringify({ caseId: key, n: offset })),
      headers: {
        ce_specversion: '1.0',
        ce_id: `${offset}`,
        ce_source: source,
        ce_type: erases ? 'case.erased' : 'case.completed',
        ce_time: at.toISOString(),
        'content-type': 'application/json',
        ce_organization: organizationId,
        ce_environment: 'sandbox',
      },
      timestamp: at,
    });
  }

  commit(records: readonly IncomingRecord[]): void {
    this.committed = Number(records.at(-1)!.offset) + 1;
  }

  get isRead(): boolean {
    return this.committed === this.records.length;
  }
}
