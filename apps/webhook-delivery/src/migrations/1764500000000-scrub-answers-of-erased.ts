import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What receivers answered to the notices of erasures, and the words of errors about what was erased, were kept. What was
 * removed does not come back: there is nothing to undo.
 */
export class ScrubAnswersOfErased1764500000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      update attempt a set response_headers = null, response_body = null, error = split_part(a.error, ':', 1)
      from delivery d join event e on e.id = d.event_id
      where a.delivery_id = d.id and (e.data is null or e.type = 'case.erased')`);
    await db.query(`
      update delivery d set last_error = split_part(d.last_error, ':', 1)
      from event e
      where e.id = d.event_id and (e.data is null or e.type = 'case.erased') and d.last_error is not null`);
  }

  async down(): Promise<void> {}
}
