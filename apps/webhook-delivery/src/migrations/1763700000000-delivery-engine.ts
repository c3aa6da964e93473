import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeliveryEngine1763700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table event
        add column partition int not null default 0,
        add column record_offset bigint not null default 0,
        add column subject text,
        add column correlation_id text,
        -- The URL that came with the event, sealed.
        add column callback_url text,
        -- On a partition that its key does not belong to: its publisher's partitioner is another one.
        add column misplaced boolean not null default false;

      -- An endpoint of the registry, or a callback URL that came with an event.
      alter table destination
        alter column endpoint_id drop not null,
        -- sha256 of organization, environment, dialect and URL.
        add column callback_hash bytea unique,
        -- Sealed; null once it was erased.
        add column callback_url text,
        add column dialect text,
        -- A callback URL has its breaker with all others of its host.
        add column host text,
        -- Since when the registry says that it is disabled.
        add column disabled_at timestamptz,
        -- Delivery's own word beside the registry's enabled: since when and why nothing is sent.
        add column suspended_at timestamptz,
        add column suspension text,
        -- Since when nothing but failures came back, and how many in a row.
        add column failing_since timestamptz,
        add column failures int not null default 0,
        add column delivered_at timestamptz,
        -- How often the breaker opened since the last success.
        add column trips int not null default 0,
        -- What it may have in flight now: max_in_flight, or less after it said that it is overloaded.
        add column in_flight_limit int not null default 64,
        -- Token bucket; a null rate is no limit.
        add column rate_per_second double precision,
        -- What it allowed when it was asked, and so what holds.
        add column allowed_rate double precision,
        add column effective_rate double precision generated always as (least(rate_per_second, allowed_rate)) stored,
        add column tokens double precision not null default 0,
        add column tokens_at timestamptz not null default now(),
        add constraint destination_identity check (deleted or (endpoint_id is null) <> (callback_hash is null));

      create table callback_host (
        host text primary key,
        failures int not null default 0,
        trips int not null default 0,
        gate_until timestamptz not null default '-infinity',
        -- While it trips, one request at a time finds out how it is: until then that one is under way.
        probing_until timestamptz not null default '-infinity'
      );

      -- A replay has lanes of its own.
      alter table lane
        add column replay_job bigint not null default 0,
        -- Events directly before the head that were given up.
        add column gap int not null default 0,
        -- Its head was given up, and its endpoint wants a person to decide.
        add column held boolean not null default false;
      -- Begins with what an erasure looks for, so that it takes no index of its own: a lane is written twice an attempt.
      alter table lane
        drop constraint lane_destination_id_topic_key_feature_key,
        add constraint lane_identity unique (topic, key, destination_id, feature, replay_job);
      drop index lane_key, lane_due;
      create index lane_due on lane (destination_id, next_at) where head <= tail and not held;
      create index lane_held on lane (destination_id) where held;
      create index lane_replay on lane (replay_job) where replay_job > 0;

      alter table delivery
        add column version int not null default 1,
        -- Why it cannot be sent at all, such as a conversion that failed: it is given up when its turn comes.
        add column fault text;
      -- Found by event or by (event, destination): one index for both. No index holds what an outcome changes, and pages
      -- have room: settling a delivery writes no index.
      -- Whoever inserts a delivery holds its lane and its destination: that needs no foreign keys, which are looked up row by
      -- row.
      alter table delivery
        drop constraint delivery_lane_id_fkey,
        drop constraint delivery_destination_id_fkey,
        drop constraint delivery_destination_id_event_id_replay_job_key,
        add constraint delivery_once unique (event_id, destination_id, replay_job),
        set (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.05);
      drop index delivery_event;
      create index delivery_replay on delivery (replay_job) where replay_job > 0;

      -- What was exhausted or has expired, for recovery: a table of its own instead of an index that every outcome would
      -- have to write.
      create table given_up (
        destination_id bigint not null references destination,
        settled_at timestamptz not null default now(),
        delivery_id bigint not null references delivery on delete cascade,
        primary key (destination_id, settled_at, delivery_id)
      );

      -- The bytes of this attempt, where they are not the delivery's.
      alter table attempt add column request_body bytea;

      create table replay_job (
        id bigint generated always as identity primary key,
        organization_id uuid not null,
        environment text not null,
        endpoint_id uuid,
        kind text not null,
        parameters jsonb not null,
        state text not null default 'running',
        -- How far it got; what is before it is in its lanes.
        position jsonb,
        queued int not null default 0,
        created_at timestamptz not null default now(),
        finished_at timestamptz
      );
      create index replay_job_newest on replay_job (organization_id, environment, id desc);
      create index replay_job_running on replay_job (id) where state = 'running';

      create table dead_letter (
        id bigint generated always as identity primary key,
        topic text not null,
        partition int not null,
        record_offset bigint not null,
        key bytea,
        headers jsonb not null,
        value bytea,
        code text not null,
        reason text not null,
        received_at timestamptz not null,
        replayed_at timestamptz,
        unique (topic, partition, record_offset)
      );
      create index dead_letter_newest on dead_letter (topic, id desc);

      -- What is told on deliveries.outcomes.
      create table outcome_event (
        id bigint generated always as identity primary key,
        destination_id bigint not null,
        data jsonb not null,
        occurred_at timestamptz not null default now(),
        published_at timestamptz
      );
      create index outcome_event_open on outcome_event (id) where published_at is null;

      -- What letters are to be written about: one row an endpoint and kind until the letter is written.
      create table notice (
        id bigint generated always as identity primary key,
        organization_id uuid not null,
        environment text not null,
        endpoint_id uuid,
        kind text not null,
        count int not null default 1,
        first_at timestamptz not null default now(),
        last_at timestamptz not null default now(),
        detail jsonb not null default '{}',
        letter_id bigint
      );
      create unique index notice_open on notice (organization_id, environment, endpoint_id, kind)
        nulls not distinct where letter_id is null;

      create table letter (
        id bigint generated always as identity primary key,
        organization_id uuid not null,
        recipient text not null,
        subject text not null,
        body text not null,
        created_at timestamptz not null default now(),
        sent_at timestamptz,
        tries int not null default 0,
        next_try_at timestamptz not null default now()
      );
      create index letter_open on letter (next_try_at) where sent_at is null;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table letter, notice, outcome_event, dead_letter, replay_job, callback_host, given_up;
      alter table attempt drop column request_body;
      drop index delivery_replay, lane_replay, lane_held, lane_due;
      delete from delivery where replay_job > 0 or destination_id in (select id from destination where endpoint_id is null);
      delete from lane where replay_job > 0 or destination_id in (select id from destination where endpoint_id is null);
      delete from destination where endpoint_id is null;
      alter table delivery drop column version, drop column fault, drop constraint delivery_once,
        add constraint delivery_destination_id_event_id_replay_job_key unique (destination_id, event_id, replay_job),
        add constraint delivery_lane_id_fkey foreign key (lane_id) references lane,
        add constraint delivery_destination_id_fkey foreign key (destination_id) references destination,
        reset (fillfactor, autovacuum_vacuum_scale_factor);
      create index delivery_event on delivery (event_id);
      alter table lane drop constraint lane_identity, drop column replay_job, drop column gap, drop column held,
        add constraint lane_destination_id_topic_key_feature_key unique (destination_id, topic, key, feature);
      create index lane_due on lane (destination_id, next_at) where head <= tail;
      create index lane_key on lane (topic, key);
      alter table destination alter column endpoint_id set not null, drop constraint destination_identity, drop column callback_hash,
        drop column callback_url, drop column dialect, drop column host, drop column disabled_at, drop column suspended_at,
        drop column suspension, drop column failing_since, drop column failures, drop column delivered_at,
        drop column trips, drop column in_flight_limit, drop column effective_rate, drop column allowed_rate, drop column rate_per_second, drop column tokens,
        drop column tokens_at;
      alter table event drop column partition, drop column record_offset, drop column subject,
        drop column correlation_id, drop column callback_url, drop column misplaced;`);
  }
}
