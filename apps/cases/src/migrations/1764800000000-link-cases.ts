import { responseSubjectTable } from '@casewire/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cases that are submitted for verifications of orders; responses that are erased with their case. */
export class LinkCases1764800000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(responseSubjectTable);
    await db.query(`
      alter table case_view add verification_id uuid;
      create index case_view_verification on case_view (organization_id, environment, verification_id)
        where verification_id is not null;
      -- The verifications of orders, as the service of orders publishes them. Deleted ones stay, so that they stay unknown.
      create table verification (
        id uuid primary key,
        order_id uuid not null,
        organization_id uuid not null,
        environment text not null,
        state text not null,
        deleted boolean not null default false
      );
      create index verification_order on verification (order_id);
      -- Up to where the events of each partition are in the table above.
      create table verification_position (
        partition int primary key,
        next_offset bigint not null
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table verification_position, verification, response_subject;
      drop index case_view_verification;
      alter table case_view drop verification_id;`);
  }
}
