import { referenceTable } from '@casewire/event-sourcing';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCatalog1763600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(referenceTable);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table reference_record');
  }
}
