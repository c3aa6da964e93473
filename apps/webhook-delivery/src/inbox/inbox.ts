import type { Endpoint } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';
import type { Logger } from '@casewire/telemetry';

import type { IngestBatch, LaneStore } from '../lanes/lane-store.ts';
import { laneKeyOf, parseEvent, type Catalog, type IncomingEvent } from './incoming-event.ts';
import { matches, pin } from './matching.ts';

/** The registry and the catalog as of a moment that was asked for. */
export interface ReferenceData {
  catalog: Catalog;
  /** Brings every view to the present end of its topic; @returns where the endpoints' topic was */
  catchUp(): Promise<bigint>;
  endpointsOf(organizationId: string): Iterable<Endpoint>;
}

/** Takes in events, a batch of one partition at a time: stored, matched and put into their lanes, all or none. */
export class Inbox {
  constructor(
    private readonly references: ReferenceData,
    private readonly lanes: LaneStore,
    private readonly wake: () => void,
    private readonly logger: Logger,
  ) {}

  async take(records: readonly IncomingRecord[]): Promise<void> {
    const [first] = records;
    const last = records.at(-1);
    if (!first || !last) return;
    // Whatever was registered before these events were published is seen by the match.
    const registryOffset = await this.references.catchUp();
    const events = records.map((record) => parseEvent(record, this.references.catalog));
    const batch: IngestBatch = {
      topic: first.topic,
      partition: first.partition,
      nextOffset: last.offset + 1n,
      registryOffset,
      events: events.map((event) => ({
        event,
        lane: laneKeyOf(event),
        deliveries: this.match(event),
      })),
      erased: events.filter(({ type }) => type === 'case.erased').map(({ key }) => key!),
    };
    const taken = await this.lanes.ingest(batch);
    if (taken.deliveries > 0) this.wake();
    const { topic, partition } = batch;
    this.logger.info({ event: 'inbox.taken', topic, partition, records: records.length, ...taken });
  }

  private match(event: IncomingEvent) {
    const matched = [];
    for (const endpoint of this.references.endpointsOf(event.organizationId)) {
      if (matches(endpoint, event)) matched.push(pin(endpoint, event));
    }
    return matched;
  }
}
