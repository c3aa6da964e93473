import { InfrastructureError, type IncomingRecord } from '@casewire/event-log';
import { isDatabaseAway } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import { storeDeadLetter } from '../api/dead-letters/dead-letter.query.ts';
import { deadLetterOf } from '../api/dead-letters/dead-letter.ts';

/** Keeps what is among the dead letters of event topics, where it can be looked at and replayed. */
export class DeadLetterIntake {
  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {}

  async take(records: readonly IncomingRecord[]): Promise<void> {
    for (const record of records) await this.keep(record);
  }

  private async keep(record: IncomingRecord): Promise<void> {
    const deadLetter = deadLetterOf(record);
    const { topic, partition, offset } = record;
    if (!deadLetter) {
      this.logger.warn({ event: 'dead-letter.foreign', topic, partition, offset: `${offset}` });
      return;
    }
    const isNew = await storeDeadLetter(this.pool, deadLetter).catch((error: unknown) => {
      // The record is not at fault: it waits for the database.
      if (isDatabaseAway(error)) throw new InfrastructureError('no database', { cause: error });
      throw error;
    });
    if (!isNew) return;
    const { code, partition: from, offset: at } = deadLetter;
    this.logger.warn({
      event: 'dead-letter.kept',
      topic: deadLetter.topic,
      partition: from,
      offset: at,
      code,
    });
  }
}
