import type { Sealer } from '@casewire/auth';
import type { Endpoint, Organization } from '@casewire/contracts';
import { InfrastructureError, type IncomingRecord } from '@casewire/event-log';
import { isDatabaseAway } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';

import type { IngestBatch, LaneStore, NewDelivery } from '../lanes/lane-store.ts';
import { eventCallbackOwner } from './callbacks.ts';
import type { Deliveries } from './deliveries.ts';
import {
  EventRejected,
  laneKeyOf,
  parseEvent,
  type Catalog,
  type IncomingEvent,
} from './incoming-event.ts';

/** The registry and the catalog as of a moment that was asked for. */
export interface ReferenceData {
  catalog: Catalog;
  /** Brings every view to the present end of its topic; @returns where the endpoints' topic was */
  catchUp(): Promise<bigint>;
  endpointsOf(organizationId: string): Iterable<Endpoint>;
  organization(id: string): Organization | undefined;
  /** Whether a record of this key belongs to another partition of its topic. */
  isMisplaced(topic: string, partition: number, key: string | null): boolean;
}

/** What is put into one transaction at most, events and bodies together; a single event may be more. */
const bytesAtOnce = 8 * 1024 * 1024;

type Entry = IngestBatch['events'][number];

/** Takes in events, a batch of one partition at a time: stored, matched and put into their lanes, all or none. */
export class Inbox {
  constructor(
    private readonly references: ReferenceData,
    private readonly deliveries: Deliveries,
    private readonly lanes: Pick<LaneStore, 'ingest'>,
    private readonly sealer: Pick<Sealer, 'seal'>,
    private readonly wake: () => void,
    private readonly logger: Logger,
  ) {}

  async take(records: readonly IncomingRecord[]): Promise<void> {
    const [first] = records;
    if (!first) return;
    // Whatever was registered before these events were published is seen by the match.
    const registryOffset = await this.references.catchUp();
    // All are read before any is stored: one that is refused leaves nothing behind.
    const events = records.map((record) => this.parsed(record));
    const { topic, partition } = first;
    let entries: Entry[] = [];
    let bytes = 0;
    for (const [index, { event, organization }] of events.entries()) {
      const entry = await this.entryOf(event, organization, partition);
      entries.push(entry);
      bytes += sizeOf(records[index]!, entry.deliveries);
      if (bytes < bytesAtOnce && index < events.length - 1) continue;
      const nextOffset = event.offset + 1n;
      await this.ingest({ topic, partition, nextOffset, registryOffset, events: entries });
      entries = [];
      bytes = 0;
    }
  }

  private parsed(record: IncomingRecord): { event: IncomingEvent; organization: Organization } {
    const event = parseEvent(record, this.references.catalog);
    const organization = this.references.organization(event.organizationId);
    if (organization) return { event, organization };
    throw new EventRejected(
      'EVENT_ORGANIZATION_UNKNOWN',
      `there is no organization ${event.organizationId}`,
    );
  }

  private async entryOf(
    event: IncomingEvent,
    organization: Organization,
    partition: number,
  ): Promise<Entry> {
    const { id, topic, key, type, callbackUrl } = event;
    const endpoints = this.references.endpointsOf(organization.id);
    return {
      event,
      lane: laneKeyOf(event),
      deliveries: await this.deliveries.of(event, organization, endpoints),
      erases: type === 'case.erased',
      callbackUrl:
        callbackUrl === null
          ? null
          : this.sealer.seal(Buffer.from(callbackUrl), eventCallbackOwner(id)),
      misplaced: this.references.isMisplaced(topic, partition, key),
    };
  }

  private async ingest(batch: IngestBatch): Promise<void> {
    const { topic, partition, nextOffset } = batch;
    const { heads: _, ...taken } = await this.lanes.ingest(batch).catch((error: unknown) => {
      // The records are not at fault: they wait for the database, however long that takes.
      if (isDatabaseAway(error)) throw new InfrastructureError('no database', { cause: error });
      throw error;
    });
    if (taken.deliveries > 0) this.wake();
    const misplaced = batch.events.filter((entry) => entry.misplaced).length;
    const line = {
      topic,
      partition,
      nextOffset: `${nextOffset}`,
      records: batch.events.length,
      ...(misplaced > 0 && { misplaced }),
    };
    // Skipped, or where no consumer of its key looks: both want to be known of.
    if (taken.skipped + misplaced > 0)
      this.logger.warn({ event: 'inbox.taken', ...line, ...taken });
    else this.logger.info({ event: 'inbox.taken', ...line, ...taken });
  }
}

const sizeOf = ({ value }: IncomingRecord, deliveries: readonly NewDelivery[]): number =>
  deliveries.reduce((sum, { body }) => sum + body.length, value?.length ?? 0);
