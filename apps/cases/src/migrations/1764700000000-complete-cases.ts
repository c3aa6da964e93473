import type { MigrationInterface, QueryRunner } from 'typeorm';

import { fillStoredCases } from './stored-cases.ts';

/** Verdicts, reviews, revisions, refreshes, cancellations, and files of archives that are no documents. */
export class CompleteCases1764700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // A database that was created with this version has the column already.
    await db.query('alter table domain_event add column if not exists publish_after timestamptz');
    await db.query(`
      alter table case_view
        add decision text,
        add open_review_id uuid,
        add action_required boolean not null default false,
        add revision int not null default 1;
      create index case_view_status on case_view (organization_id, environment, status, submitted_at desc, id desc)
        where status <> 'deleted';
      create index case_view_result on case_view (organization_id, environment, result, submitted_at desc, id desc)
        where status <> 'deleted';
      alter table upload_view
        add target_language text not null default 'en',
        add document_type text,
        add assessment jsonb,
        add assessed_at timestamptz,
        add extraction_version int;
      -- Whose result is shown: the first run, or the run of the last refresh that completed.
      alter table run_view
        add current boolean not null default true,
        add requested_at timestamptz,
        -- Found by a run of a refresh: it counts when the refresh has completed.
        add document_type text;
      create table refresh_view (
        id uuid primary key,
        case_id uuid not null references case_view,
        status text not null,
        stages text[] not null,
        upload_ids uuid[] not null,
        run_ids uuid[] not null,
        requested_by jsonb not null,
        requested_at timestamptz not null,
        finished_at timestamptz,
        failure jsonb
      );
      create index refresh_view_case on refresh_view (case_id, requested_at desc);
      create table review_view (
        id uuid primary key,
        case_id uuid not null references case_view,
        organization_id uuid not null,
        environment text not null,
        upload_id uuid,
        status text not null,
        review_type text not null,
        priority text not null,
        cause text not null,
        reasons text[] not null,
        opened_by jsonb,
        opened_at timestamptz not null,
        due_at timestamptz not null,
        assignee_id uuid,
        resolution text,
        resolved_by jsonb,
        resolved_at timestamptz
      );
      create index review_view_case on review_view (case_id);
      create index review_view_newest on review_view (organization_id, environment, opened_at desc, id desc);
      create index review_view_open on review_view (organization_id, environment, opened_at desc, id desc)
        where status = 'open';
      create table extraction_version_view (
        upload_id uuid not null references upload_view,
        version int not null,
        case_id uuid not null references case_view,
        cause text not null,
        run_id uuid not null,
        revised_by jsonb,
        created_at timestamptz not null,
        primary key (upload_id, version)
      );
      create index extraction_version_view_case on extraction_version_view (case_id);
      create table case_revision_view (
        case_id uuid not null references case_view,
        revision int not null,
        revised_by jsonb not null,
        created_at timestamptz not null,
        primary key (case_id, revision)
      );`);
    await db.query(fillStoredCases);
    // Personal data, which is deleted with the case.
    await db.query(`
      alter table upload_private add archive text;
      create index case_private_reference on case_private (reference) where reference is not null;
      create table review_private (
        review_id uuid primary key,
        case_id uuid not null,
        reason text,
        assignee_name text,
        request text
      );
      create index review_private_case on review_private (case_id);
      create table review_comment_private (
        id uuid primary key,
        review_id uuid not null,
        case_id uuid not null,
        comment text not null,
        written_by jsonb not null,
        written_at timestamptz not null
      );
      create index review_comment_private_review on review_comment_private (review_id, written_at);
      create index review_comment_private_case on review_comment_private (case_id);
      -- The corrected fields of a version of an extraction.
      create table extraction_version_private (
        upload_id uuid not null,
        version int not null,
        case_id uuid not null,
        fields jsonb not null,
        reason text,
        primary key (upload_id, version)
      );
      create index extraction_version_private_case on extraction_version_private (case_id);
      -- The case's own data as they were at each revision; the first row is written with the second.
      create table case_revision_private (
        case_id uuid not null,
        revision int not null,
        external_id text,
        reference text,
        metadata jsonb not null,
        reason text,
        primary key (case_id, revision)
      );
      create table ignored_file_private (
        case_id uuid not null,
        position int not null,
        archive text not null,
        path text not null,
        reason text not null,
        primary key (case_id, position)
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table ignored_file_private, case_revision_private, extraction_version_private, review_comment_private,
        review_private, case_revision_view, extraction_version_view, review_view, refresh_view;
      drop index case_private_reference;
      alter table upload_private drop archive;
      alter table run_view drop current, drop requested_at, drop document_type;
      alter table upload_view drop target_language, drop document_type, drop assessment, drop assessed_at,
        drop extraction_version;
      drop index case_view_status, case_view_result;
      alter table domain_event drop publish_after;
      alter table case_view drop decision, drop open_review_id, drop action_required, drop revision;`);
  }
}
