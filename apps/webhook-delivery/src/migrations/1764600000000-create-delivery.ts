import { idempotencyTable } from '@casewire/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const events = `
  -- How far each partition of the event topics is ingested. Records below the next offset are skipped.
  create table intake_cursor (
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
    -- Null after the erasure of the case.
    data jsonb,
    -- SHA-256 of type, time and data: the same id with other content is an error, not a repetition.
    digest bytea not null,
    -- The read index of the match, and the number of endpoints that matched.
    registry_offset bigint not null,
    matched int not null,
    traceparent text,
    partition int not null default 0,
    record_offset bigint not null default 0,
    subject text,
    correlation_id text,
    -- The callback URL of the event, sealed.
    callback_url text,
    -- The record is on a partition that does not belong to its key: its publisher uses another partitioner.
    misplaced boolean not null default false
  );
  create index event_newest on event (organization_id, environment, received_at desc);
  create index event_key on event (topic, key);`;

const destinations = `
  -- An endpoint of the registry, or a callback URL of an event.
  create table destination (
    id bigint generated always as identity primary key,
    endpoint_id uuid unique,
    organization_id uuid not null,
    environment text not null,
    -- The registry's setting, at this revision of the endpoint.
    enabled boolean not null,
    revision bigint not null,
    deleted boolean not null default false,
    -- No request before this moment: the breaker is open, or the endpoint sent Retry-After.
    gate_until timestamptz not null default '-infinity',
    -- Limit of concurrent requests over all instances.
    max_in_flight int not null default 64,
    -- SHA-256 of organization, environment, dialect and URL.
    callback_hash bytea unique,
    -- Sealed; null after an erasure.
    callback_url text,
    dialect text,
    -- All callback URLs of one host share a breaker.
    host text,
    -- When the registry disabled the endpoint.
    disabled_at timestamptz,
    -- When and why delivery suspended the endpoint; independent of the registry's setting.
    suspended_at timestamptz,
    suspension text,
    -- Start and length of the current series of failures.
    failing_since timestamptz,
    failures int not null default 0,
    delivered_at timestamptz,
    -- How often the breaker opened since the last success.
    trips int not null default 0,
    -- Current limit of concurrent requests: max_in_flight, or less after the endpoint reported an overload.
    in_flight_limit int not null default 64,
    -- Token bucket; null means no limit.
    rate_per_second double precision,
    -- The rate that the endpoint allowed in its handshake.
    allowed_rate double precision,
    effective_rate double precision generated always as (least(rate_per_second, allowed_rate)) stored,
    tokens double precision not null default 0,
    tokens_at timestamptz not null default now(),
    -- The last failure. An endpoint without requests does not fail, and is not suspended.
    failed_at timestamptz,
    constraint destination_identity check (deleted or (endpoint_id is null) <> (callback_hash is null))
  );
  create index destination_tenant on destination (organization_id, environment);

  create table callback_host (
    host text primary key,
    failures int not null default 0,
    trips int not null default 0,
    gate_until timestamptz not null default '-infinity',
    -- While the breaker is half open, one request at a time probes the host. The probe ends at this moment.
    probing_until timestamptz not null default '-infinity'
  );`;

const lanes = `
  -- A lane has a head that is due while head <= tail. Both only rise; no query looks for a minimum.
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
    lease_holder uuid,
    epoch bigint not null default 0,
    leased_until timestamptz not null default '-infinity',
    -- A replay has lanes of its own; 0 is the original delivery.
    replay_job bigint not null default 0,
    -- Number of events directly before the head that were given up.
    gap int not null default 0,
    -- The head was given up, and the endpoint's policy is to wait for a decision.
    blocked boolean not null default false,
    -- Starts with the columns that an erasure searches, so that it needs no index of its own: every attempt writes its lane
    -- twice.
    constraint lane_identity unique (topic, key, destination_id, feature, replay_job)
  -- Every attempt writes its lane twice: dead rows must not pile up in the index of due lanes.
  ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
  create index lane_due on lane (destination_id, next_at) where head <= tail and not blocked;
  create index lane_leased on lane (destination_id) where lease_holder is not null;
  create index lane_blocked on lane (destination_id) where blocked;
  create index lane_replay on lane (replay_job) where replay_job > 0 and head <= tail;`;

const deliveries = `
  -- Whoever inserts a delivery has locked its lane and its destination. So foreign keys to them are not needed, which
  -- PostgreSQL checks row by row. Whatever the result of an attempt changes is in no index, and pages have free space:
  -- settling a delivery writes no index.
  create table delivery (
    id bigint generated always as identity primary key,
    lane_id bigint not null,
    seq bigint not null,
    destination_id bigint not null,
    event_id uuid not null references event,
    replay_job bigint not null default 0,
    state text not null default 'pending',
    dialect text not null,
    headers jsonb not null,
    -- The exact bytes that are signed and sent; null after an erasure.
    body bytea,
    attempts int not null default 0,
    last_status int,
    last_error text,
    created_at timestamptz not null default now(),
    settled_at timestamptz,
    version int not null default 1,
    -- Why the delivery cannot be sent at all, such as a conversion that failed. It is given up when it reaches the head.
    fault text,
    unique (lane_id, seq),
    -- An event is delivered to a destination once. Also the index for lookups by event, or by event and destination.
    constraint delivery_once unique (event_id, destination_id, replay_job)
  ) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.05);
  create index delivery_newest on delivery (destination_id, id desc);
  -- The delivery log lists the newest deliveries of a replay first.
  create index delivery_replay on delivery (replay_job, id desc) where replay_job > 0;

  -- Exhausted and expired deliveries, for recovery. A table of its own: an index on delivery would be written by every
  -- result of an attempt.
  create table undelivered (
    destination_id bigint not null references destination,
    settled_at timestamptz not null default now(),
    delivery_id bigint not null references delivery on delete cascade,
    primary key (destination_id, settled_at, delivery_id)
  );

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
    -- The bytes of this attempt, where they differ from the delivery's.
    request_body bytea,
    primary key (delivery_id, number, started_at)
  ) partition by range (started_at);
  create table attempt_default partition of attempt default;`;

const replays = `
  create table replay_job (
    id bigint generated always as identity primary key,
    organization_id uuid not null,
    environment text not null,
    endpoint_id uuid,
    kind text not null,
    parameters jsonb not null,
    state text not null default 'running',
    -- Everything before this position is in the lanes of the job.
    position jsonb,
    queued int not null default 0,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    -- Deliveries by state, after the end of the job.
    counts jsonb
  );
  create index replay_job_newest on replay_job (organization_id, environment, id desc);
  create index replay_job_running on replay_job (id) where state = 'running';
  -- A dead letter is replayed once.
  create unique index replay_of_dead_letter on replay_job ((parameters->>'deadLetterId')) where kind = 'dead-letter';

  -- Deliveries that a replay found and has not put into its lanes yet, by their first place.
  create table replay_item (
    job bigint not null references replay_job on delete cascade,
    lane_id bigint not null,
    seq bigint not null,
    delivery_id bigint not null,
    primary key (job, lane_id, seq)
  );

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
  create index dead_letter_newest on dead_letter (topic, id desc);`;

const notifications = `
  -- Delivery events, published on deliveries.events.
  create table delivery_event (
    id bigint generated always as identity primary key,
    destination_id bigint not null,
    data jsonb not null,
    occurred_at timestamptz not null default now(),
    published_at timestamptz,
    -- Alerts are gathered from delivery events, before or after their publication.
    alerted_at timestamptz
  );
  create index delivery_event_unpublished on delivery_event (id) where published_at is null;
  create index delivery_event_unalerted on delivery_event (id) where alerted_at is null;

  -- Reasons to notify an organization: one open row per endpoint and kind until the notification is written.
  create table alert (
    id bigint generated always as identity primary key,
    organization_id uuid not null,
    environment text not null,
    endpoint_id uuid,
    kind text not null,
    count int not null default 1,
    first_at timestamptz not null default now(),
    last_at timestamptz not null default now(),
    detail jsonb not null default '{}',
    notification_id bigint
  );
  create unique index alert_open on alert (organization_id, environment, endpoint_id, kind)
    nulls not distinct where notification_id is null;
  -- The last notification about an endpoint, and its time.
  create index alert_notified on alert (organization_id, environment, endpoint_id, kind, notification_id)
    where notification_id is not null;

  create table notification (
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
  create index notification_unsent on notification (next_try_at) where sent_at is null;
  create index notification_newest on notification (organization_id, id desc);`;

export class CreateDelivery1764600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const part of [events, destinations, lanes, deliveries, replays, notifications])
      await db.query(part);
    await db.query(idempotencyTable);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table idempotency_key, notification, alert, delivery_event, dead_letter, replay_item, replay_job, attempt,
        undelivered, delivery, lane, callback_host, destination, event, intake_cursor`);
  }
}
