import { referenceTable } from '@casewire/event-sourcing';
import { idempotencyTable } from '@casewire/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCatalog1764600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(referenceTable);
    await db.query(idempotencyTable);
    await db.query(`
      create table schema_history (
        name text not null,
        version int not null,
        -- From 1 on, in the order in which the version had its schemas.
        ordinal int not null,
        schema jsonb not null,
        recorded_at timestamptz not null default now(),
        primary key (name, version, ordinal)
      );
      create index event_type_name on reference_record (topic, (record->>'name'));`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table schema_history, idempotency_key, reference_record');
  }
}
