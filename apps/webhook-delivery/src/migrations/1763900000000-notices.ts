import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Notices1763900000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- When something last failed: an endpoint that is not called fails at nothing, and is not suspended for it.
      alter table destination add column failed_at timestamptz;

      -- Notices are gathered from what is told, whether the broker has it already or not.
      alter table outcome_event add column noticed_at timestamptz;
      create index outcome_event_unnoticed on outcome_event (id) where noticed_at is null;

      -- What was last written about an endpoint, and when.
      create index notice_told on notice (organization_id, environment, endpoint_id, kind, letter_id)
        where letter_id is not null;
      create index letter_newest on letter (organization_id, id desc);`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop index letter_newest, notice_told, outcome_event_unnoticed;
      alter table outcome_event drop column noticed_at;
      alter table destination drop column failed_at;`);
  }
}
