import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CorrelationId1764500000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('alter table case_private add column correlation_id text');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table case_private drop column correlation_id');
  }
}
