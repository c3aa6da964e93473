import { InfrastructureError, type IncomingRecord } from '@casewire/event-log';
import { isDatabaseUnavailable } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import { storeDeadLetter } from './dead-letter.query.ts';
import { parseDeadLetter } from './dead-letter.ts';

/** Stores the dead letters of event topics in the database, where they can be listed and replayed. */
export class DeadLetterIntake {
  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {}

  /**
   * Stores each dead letter once. Other records on these topics are logged and skipped.
   * @throws InfrastructureError while the database is unavailable
   */
  async store(records: readonly IncomingRecord[]): Promise<void> {
    for (const record of records) await this.storeRecord(record);
  }

  private async storeRecord(record: IncomingRecord): Promise<void> {
    const deadLetter = parseDeadLetter(record);
    const { topic, partition, offset } = record;
    if (!deadLetter) {
      this.logger.warn({ event: 'dead-letter.foreign', topic, partition, offset: `${offset}` });
      return;
    }
    const isNew = await storeDeadLetter(this.pool, deadLetter).catch((error: unknown) => {
      // The record waits until the database is available again.
      if (isDatabaseUnavailable(error))
        throw new InfrastructureError('no database', { cause: error });
      throw error;
    });
    if (!isNew) return;
    const { code, partition: from, offset: at } = deadLetter;
    this.logger.warn({
      event: 'dead-letter.stored',
      topic: deadLetter.topic,
      partition: from,
      offset: at,
      code,
    });
  }
}
