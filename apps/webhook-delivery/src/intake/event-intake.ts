import { InfrastructureError, type FetchMark, type IncomingRecord } from '@casewire/event-log';
import { isDatabaseUnavailable } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';

import type { IngestBatch, IngestResult, NewDelivery } from '../model/lane-store.ts';
import type { ReferenceData } from '../model/reference-data.ts';
import type { Entry, EntryBuilder } from './entry-builder.ts';

/** The most bytes in one transaction, events and bodies together; a single event may have more. */
const maxTransactionBytes = 8 * 1024 * 1024;

/** Stores a batch of events and puts their deliveries into their lanes, all or none. */
export interface DeliveryIntake {
  ingest(batch: IngestBatch): Promise<IngestResult>;
}

/** Ingests events, a batch of one partition at a time: parses them, matches them, and hands them on to delivery. */
export class EventIntake {
  constructor(
    private readonly references: Pick<ReferenceData, 'catchUp'>,
    private readonly entries: EntryBuilder,
    private readonly deliveries: DeliveryIntake,
    private readonly logger: Logger,
  ) {}

  /**
   * @param records of one partition, in the order of their offsets
   * @param fetched the mark of the last fetch that brought one of them
   * @throws EventRejected for the first record that cannot be ingested: then nothing of the batch is stored
   * @throws InfrastructureError while the database is unavailable
   */
  async ingest(records: readonly IncomingRecord[], fetched?: FetchMark): Promise<void> {
    const [first] = records;
    if (!first) return;
    // The match sees everything that was registered before these events were published.
    const registryOffset = await this.references.catchUp(fetched);
    // All records are parsed before any is stored: if one is rejected, nothing is stored.
    const parsed = records.map((record) => this.entries.parse(record));
    const { topic, partition } = first;
    let entries: Entry[] = [];
    let bytes = 0;
    for (const [index, record] of parsed.entries()) {
      const entry = await this.entries.build(record, partition);
      entries.push(entry);
      bytes += sizeOf(records[index]!, entry.deliveries);
      if (bytes < maxTransactionBytes && index < parsed.length - 1) continue;
      const nextOffset = record.event.offset + 1n;
      await this.ingestBatch({ topic, partition, nextOffset, registryOffset, events: entries });
      entries = [];
      bytes = 0;
    }
  }

  private async ingestBatch(batch: IngestBatch): Promise<void> {
    const { topic, partition, nextOffset } = batch;
    const { heads: _, ...counts } = await this.deliveries.ingest(batch).catch((error: unknown) => {
      // The records wait until the database is available again, for as long as that takes.
      if (isDatabaseUnavailable(error))
        throw new InfrastructureError('no database', { cause: error });
      throw error;
    });
    const misplaced = batch.events.filter((entry) => entry.misplaced).length;
    const line = {
      topic,
      partition,
      nextOffset: `${nextOffset}`,
      records: batch.events.length,
      ...(misplaced > 0 && { misplaced }),
    };
    // Skipped and misplaced records are unusual: an operator should know of them.
    if (counts.skipped + misplaced > 0)
      this.logger.warn({ event: 'intake.ingested', ...line, ...counts });
    else this.logger.info({ event: 'intake.ingested', ...line, ...counts });
  }
}

const sizeOf = ({ value }: IncomingRecord, deliveries: readonly NewDelivery[]): number =>
  deliveries.reduce((sum, { body }) => sum + body.length, value?.length ?? 0);
