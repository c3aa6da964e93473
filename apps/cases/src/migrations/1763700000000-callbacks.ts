import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Callbacks1763700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table case_private
        -- The submitter's own word for the case, and where its callbacks go; null if none was given.
        add column reference text,
        add column callback_url text`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table case_private drop column reference, drop column callback_url');
  }
}
