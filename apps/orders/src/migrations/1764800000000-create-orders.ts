import { eventStoreTables } from '@casewire/event-sourcing';
import { idempotencyTable, responseSubjectTable } from '@casewire/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOrders1764800000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(eventStoreTables);
    await db.query(idempotencyTable);
    await db.query(responseSubjectTable);
    // The read model. The transaction that appends domain events updates it; it can be rebuilt from them.
    await db.query(`
      create table order_view (
        id uuid primary key,
        organization_id uuid not null,
        environment text not null,
        number text not null,
        status text not null,
        template_id text not null,
        template_version int not null,
        user_id uuid,
        created_by jsonb not null,
        created_at timestamptz not null,
        completed_at timestamptz,
        deleted boolean not null default false
      );
      create index order_view_newest on order_view (organization_id, environment, created_at desc, id desc) where not deleted;
      create index order_view_user on order_view (organization_id, environment, user_id, created_at desc, id desc)
        where not deleted and user_id is not null;
      create index order_view_status on order_view (organization_id, environment, status, created_at desc, id desc) where not deleted;
      create index order_view_template on order_view (organization_id, environment, template_id, created_at desc, id desc)
        where not deleted;
      create table verification_view (
        id uuid primary key,
        order_id uuid not null references order_view,
        position int not null,
        name text not null,
        method text not null,
        document_types text[] not null,
        features text[] not null,
        approval text not null,
        employer_id uuid,
        -- Null for the moment between the order's creation and its first state, which are one append.
        state text,
        reason text,
        changed_at timestamptz,
        unique (order_id, position)
      );
      create table information_view (
        id uuid primary key,
        verification_id uuid not null references verification_view,
        order_id uuid not null references order_view,
        given_by jsonb not null,
        given_at timestamptz not null
      );
      create index information_view_order on information_view (order_id);
      create table task_view (
        id uuid primary key,
        order_id uuid not null references order_view,
        verification_id uuid not null references verification_view,
        case_id uuid not null unique,
        status text not null,
        reason text,
        created_at timestamptz not null,
        updated_at timestamptz not null
      );
      create index task_view_order on task_view (order_id);
      create table report_view (
        id uuid primary key,
        order_id uuid not null references order_view,
        verification_id uuid not null references verification_view,
        task_id uuid not null references task_view,
        case_id uuid not null,
        created_at timestamptz not null
      );
      create index report_view_order on report_view (order_id);
      create table order_refresh_view (
        id uuid primary key,
        order_id uuid not null references order_view,
        status text not null,
        task_ids uuid[] not null,
        requested_by jsonb not null,
        requested_at timestamptz not null,
        finished_at timestamptz
      );
      create index order_refresh_view_order on order_refresh_view (order_id, requested_at desc);`);
    // Personal data is only here. It is deleted with the order.
    await db.query(`
      create table order_private (
        order_id uuid primary key,
        user_data jsonb,
        metadata jsonb not null,
        correlation_id text
      );
      create table employer_private (
        verification_id uuid primary key,
        order_id uuid not null,
        employer jsonb not null
      );
      create index employer_private_order on employer_private (order_id);
      create table information_private (
        information_id uuid primary key,
        order_id uuid not null,
        data jsonb not null
      );
      create index information_private_order on information_private (order_id);`);
    await db.query(`
      -- A number is used once for each organization and environment, also after the deletion of its order.
      create table order_number (
        organization_id uuid not null,
        environment text not null,
        number text not null,
        order_id uuid not null,
        primary key (organization_id, environment, number)
      );
      -- The versions of an organization's own templates.
      create table template (
        organization_id uuid not null,
        environment text not null,
        id text not null,
        version int not null,
        content jsonb not null,
        created_by jsonb not null,
        created_at timestamptz not null,
        primary key (organization_id, environment, id, version)
      );
      -- Events of other services that were consumed: each changes its order once.
      create table consumed_event (
        source text not null,
        id text not null,
        consumed_at timestamptz not null,
        primary key (source, id)
      );
      create index consumed_event_age on consumed_event (consumed_at);`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table consumed_event, template, order_number, information_private, employer_private, order_private,
        order_refresh_view, report_view, task_view, information_view, verification_view, order_view, response_subject, idempotency_key,
        domain_event, stream`);
  }
}
