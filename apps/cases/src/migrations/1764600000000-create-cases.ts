import { eventStoreTables } from '@casewire/event-sourcing';
import { idempotencyTable } from '@casewire/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCases1764600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(eventStoreTables);
    await db.query(idempotencyTable);
    // The read model. The transaction that appends domain events updates it; it can be rebuilt from them.
    await db.query(`
      create table case_view (
        id uuid primary key,
        organization_id uuid not null,
        environment text not null,
        status text not null,
        result text,
        submitted_at timestamptz not null,
        completed_at timestamptz
      );
      create index case_view_newest on case_view (organization_id, environment, submitted_at desc, id desc)
        where status <> 'deleted';
      create table upload_view (
        id uuid primary key,
        case_id uuid not null references case_view,
        position int not null,
        document jsonb not null,
        classify boolean not null,
        features text[] not null,
        received_at timestamptz not null,
        unique (case_id, position)
      );
      create table run_view (
        id uuid primary key,
        case_id uuid not null references case_view,
        upload_id uuid not null references upload_view,
        stage text not null,
        run int not null,
        status text not null,
        deadline timestamptz not null,
        finished_at timestamptz,
        result jsonb,
        failure jsonb
      );
      create index run_view_upload on run_view (upload_id);
      create index run_view_case on run_view (case_id);
      create index run_view_overdue on run_view (deadline) where status = 'processing';`);
    // Personal data is only here and in blobs. It is deleted with the case.
    await db.query(`
      create table case_private (
        case_id uuid primary key,
        external_id text,
        metadata jsonb not null,
        -- The submitter's own reference of the case, and its callback URL; null where the submission has none.
        reference text,
        callback_url text,
        correlation_id text
      );
      create table upload_private (
        upload_id uuid primary key,
        case_id uuid not null,
        file_name text not null
      );
      create index upload_private_case on upload_private (case_id);
      -- The digest stays after the deletion of the case: its external id cannot be used again.
      create table case_external_id (
        organization_id uuid not null,
        environment text not null,
        digest bytea not null,
        case_id uuid not null,
        primary key (organization_id, environment, digest)
      );
      -- Blobs without a committed case: not committed yet, or deleted. The clean-up deletes them when they are due.
      create table pending_blob_deletion (
        key text primary key,
        is_prefix boolean not null default false,
        due_at timestamptz not null
      );
      create index pending_blob_deletion_due on pending_blob_deletion (due_at);`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table pending_blob_deletion, case_external_id, upload_private, case_private, run_view, upload_view, case_view,
        idempotency_key, domain_event, stream`);
  }
}
