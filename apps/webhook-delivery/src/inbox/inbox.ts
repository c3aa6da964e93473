import type { Endpoint } from '@casewire/contracts';
import { InfrastructureError, type IncomingRecord } from '@casewire/event-log';
import { isDatabaseAway } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';

import type { IngestBatch, LaneStore, NewDelivery } from '../lanes/lane-store.ts';
import { laneKeyOf, parseEvent, type Catalog, type IncomingEvent } from './incoming-event.ts';
import { matches, pin } from './matching.ts';

/** The registry and the catalog as of a moment that was asked for. */
export interface ReferenceData {
  catalog: Catalog;
  /** Brings every view to the present end of its topic; @returns where the endpoints' topic was */
  catchUp(): Promise<bigint>;
  endpointsOf(organizationId: string): Iterable<Endpoint>;
}

/** What is put into one transaction at most, events and bodies together; a single event may be more. */
const bytesAtOnce = 8 * 1024 * 1024;

type Entry = IngestBatch['events'][number];

/** Takes in events, a batch of one partition at a time: stored, matched and put into their lanes, all or none. */
export class Inbox {
  constructor(
    private readonly references: ReferenceData,
    private readonly lanes: Pick<LaneStore, 'ingest'>,
    private readonly wake: () => void,
    private readonly logger: Logger,
  ) {}

  async take(records: readonly IncomingRecord[]): Promise<void> {
    const [first] = records;
    if (!first) return;
    // Whatever was registered before these events were published is seen by the match.
    const registryOffset = await this.references.catchUp();
    // All are read before any is stored: one that is refused leaves nothing behind.
    const events = records.map((record) => parseEvent(record, this.references.catalog));
    const { topic, partition } = first;
    let entries: Entry[] = [];
    let bytes = 0;
    for (const [index, event] of events.entries()) {
      const deliveries = this.match(event);
      const erases = event.type === 'case.erased';
      const lane = laneKeyOf(event);
      entries.push({ event, lane, deliveries, erases, callbackUrl: null, misplaced: false });
      bytes += sizeOf(records[index]!, deliveries);
      if (bytes < bytesAtOnce && index < events.length - 1) continue;
      const nextOffset = event.offset + 1n;
      await this.ingest({ topic, partition, nextOffset, registryOffset, events: entries });
      entries = [];
      bytes = 0;
    }
  }

  private async ingest(batch: IngestBatch): Promise<void> {
    const { topic, partition, nextOffset } = batch;
    const { heads: _, ...taken } = await this.lanes.ingest(batch).catch((error: unknown) => {
      // The records are not at fault: they wait for the database, however long that takes.
      if (isDatabaseAway(error)) throw new InfrastructureError('no database', { cause: error });
      throw error;
    });
    if (taken.deliveries > 0) this.wake();
    const line = { topic, partition, nextOffset: `${nextOffset}`, records: batch.events.length };
    if (taken.skipped > 0) this.logger.warn({ event: 'inbox.taken', ...line, ...taken });
    else this.logger.info({ event: 'inbox.taken', ...line, ...taken });
  }

  private match(event: IncomingEvent): NewDelivery[] {
    const matched: NewDelivery[] = [];
    for (const endpoint of this.references.endpointsOf(event.organizationId)) {
      if (matches(endpoint, event)) matched.push(pin(endpoint, event));
    }
    return matched;
  }
}

const sizeOf = ({ value }: IncomingRecord, deliveries: readonly NewDelivery[]): number =>
  deliveries.reduce((sum, { body }) => sum + body.length, value?.length ?? 0);
