import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDelivery1763600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Where the inbox is in each partition: a reader that comes late with the same records finds it past them.
      create table inbox_cursor (
        topic text not null,
        partition int not null,
        next_offset bigint not null,
        primary key (topic, partition)
      );
      create table event (
        id uuid primary key,
        topic text not null,
        key text,
        type text not null,
        version int not null,
        organization_id uuid not null,
        environment text not null,
        feature text not null,
        occurred_at timestamptz not null,
        received_at timestamptz not null default now(),
        -- Null once it was erased.
        data jsonb,
        -- Of type, time and data: the same id with other content is no repetition.
        digest bytea not null,
        -- Where the registry was when the event was matched, and to how many endpoints.
        registry_offset bigint not null,
        matched int not null,
        traceparent text
      );
      create index event_newest on event (organization_id, environment, received_at desc);
      create index event_key on event (topic, key);

      create table destination (
        id bigint generated always as identity primary key,
        endpoint_id uuid not null unique,
        organization_id uuid not null,
        environment text not null,
        -- The registry's word, at this revision of the endpoint.
        enabled boolean not null,
        revision bigint not null,
        deleted boolean not null default false,
        -- Delivery's own: not before this moment, not more than this at once over all instances.
        gate_until timestamptz not null default '-infinity',
        max_in_flight int not null default 64
      );

      -- A lane is due while head <= tail. Both only ever rise; nothing is ever looked up by a minimum.
      create table lane (
        id bigint generated always as identity primary key,
        destination_id bigint not null references destination,
        topic text not null,
        key text not null,
        feature text not null,
        head bigint not null default 1,
        tail bigint not null default 0,
        next_at timestamptz not null default now(),
        attempts int not null default 0,
        owner uuid,
        epoch bigint not null default 0,
        leased_until timestamptz not null default '-infinity',
        unique (destination_id, topic, key, feature)
      -- Each attempt writes its lane twice: what that leaves behind is not to pile up in the index of what is due.
      ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
      create index lane_due on lane (destination_id, next_at) where head <= tail;
      create index lane_leased on lane (destination_id) where owner is not null;
      create index lane_key on lane (topic, key);

      create table delivery (
        id bigint generated always as identity primary key,
        lane_id bigint not null references lane,
        seq bigint not null,
        destination_id bigint not null references destination,
        event_id uuid not null references event,
        replay_job bigint not null default 0,
        state text not null default 'pending',
        dialect text not null,
        headers jsonb not null,
        -- The exact bytes that are signed and sent; null once they were erased.
        body bytea,
        attempts int not null default 0,
        last_status int,
        last_error text,
        created_at timestamptz not null default now(),
        settled_at timestamptz,
        unique (lane_id, seq),
        -- An event is delivered to a destination once.
        unique (destination_id, event_id, replay_job)
      );
      create index delivery_newest on delivery (destination_id, id desc);
      create index delivery_event on delivery (event_id);

      create table attempt (
        delivery_id bigint not null,
        number int not null,
        started_at timestamptz not null,
        duration_ms double precision not null,
        request_headers jsonb not null,
        status int,
        response_headers jsonb,
        response_body bytea,
        error text,
        next_attempt_at timestamptz,
        primary key (delivery_id, number, started_at)
      ) partition by range (started_at);
      create table attempt_default partition of attempt default;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table attempt, delivery, lane, destination, event, inbox_cursor');
  }
}
