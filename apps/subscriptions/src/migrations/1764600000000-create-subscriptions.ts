import { referenceTable } from '@casewire/event-sourcing';
import { idempotencyTable } from '@casewire/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateSubscriptions1764600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(referenceTable);
    await db.query(idempotencyTable);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table idempotency_key, reference_record');
  }
}
