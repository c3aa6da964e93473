import { InfrastructureError, type IncomingRecord } from '@casewire/event-log';
import { isDatabaseAway } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';

import type { IngestBatch, LaneStore, NewDelivery } from '../model/lane-store.ts';
import type { ReferenceData } from '../model/reference-data.ts';
import type { IntakeEntries, Entry } from './intake-entries.ts';

/** What is put into one transaction at most, events and bodies together; a single event may be more. */
const bytesAtOnce = 8 * 1024 * 1024;

/** Takes in events, a batch of one partition at a time: stored, matched and put into their lanes, all or none. */
export class EventIntake {
  constructor(
    private readonly references: Pick<ReferenceData, 'catchUp'>,
    private readonly entries: IntakeEntries,
    private readonly lanes: Pick<LaneStore, 'ingest'>,
    private readonly logger: Logger,
  ) {}

  async take(records: readonly IncomingRecord[]): Promise<void> {
    const [first] = records;
    if (!first) return;
    // Whatever was registered before these events were published is seen by the match.
    const registryOffset = await this.references.catchUp();
    // All are read before any is stored: one that is refused leaves nothing behind.
    const understood = records.map((record) => this.entries.understand(record));
    const { topic, partition } = first;
    let entries: Entry[] = [];
    let bytes = 0;
    for (const [index, one] of understood.entries()) {
      const entry = await this.entries.of(one, partition);
      entries.push(entry);
      bytes += sizeOf(records[index]!, entry.deliveries);
      if (bytes < bytesAtOnce && index < understood.length - 1) continue;
      const nextOffset = one.event.offset + 1n;
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
      this.logger.warn({ event: 'intake.ingested', ...line, ...taken });
    else this.logger.info({ event: 'intake.ingested', ...line, ...taken });
  }
}

const sizeOf = ({ value }: IncomingRecord, deliveries: readonly NewDelivery[]): number =>
  deliveries.reduce((sum, { body }) => sum + body.length, value?.length ?? 0);
