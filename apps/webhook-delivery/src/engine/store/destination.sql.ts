import type { SuspensionReason } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { Destination } from '../../model/lane-store.ts';
import { emitResumed, emitSuspended } from '../delivery-events/delivery-event.sql.ts';

/** Stores the requests per second that a destination allows; null: only its configured rate applies. */
export async function allowRate(
  db: Pool | PoolClient,
  destinationId: string,
  ratePerSecond: number | null,
): Promise<void> {
  await db.query(
    'update destination set allowed_rate = $2 where id = $1 and allowed_rate is distinct from $2',
    [destinationId, ratePerSecond],
  );
}

/**
 * Registers or changes a destination. A revision that is not newer than the stored one changes nothing; a newer one that enables
 * lifts a suspension.
 */
export async function upsertDestination(
  db: Pool | PoolClient,
  destination: Destination,
): Promise<void> {
  const { endpointId, organizationId, environment, enabled, revision } = destination;
  const { maxInFlight, ratePerSecond } = destination;
  await db.query({
    name: 'upsert-destination',
    ...named(upsertSql, {
      endpointId,
      organizationId,
      environment,
      enabled,
      revision,
      maxInFlight,
      ratePerSecond,
    }),
  });
}

const lifted = 'excluded.enabled and d.suspended_at is not null';
// A lowered in-flight limit stays, up to the new maximum. The row is locked before the change, so that the statement knows whether
// it lifts a suspension, also one that it waited for.
const upsertSql = `
  with before as materialized (
    select id, suspended_at from destination where endpoint_id = :endpointId for no key update
  ),
  upserted as (
    insert into destination as d (endpoint_id, organization_id, environment, enabled, disabled_at, revision, max_in_flight,
      in_flight_limit, rate_per_second, tokens)
    select :endpointId::uuid, :organizationId::uuid, :environment::text, :enabled::boolean,
      case when not :enabled::boolean then now() end, :revision::bigint, :maxInFlight::int, :maxInFlight::int,
      :ratePerSecond::float8, greatest(:ratePerSecond::float8, 1)
    from (select count(*) from before) locked
    on conflict (endpoint_id) do update
    set enabled = excluded.enabled, revision = excluded.revision, max_in_flight = excluded.max_in_flight,
      disabled_at = case when not excluded.enabled then coalesce(d.disabled_at, now()) end,
      rate_per_second = excluded.rate_per_second,
      tokens = case when d.rate_per_second is null then excluded.tokens else least(d.tokens, excluded.tokens) end,
      in_flight_limit = case when ${lifted} or d.in_flight_limit >= d.max_in_flight then excluded.max_in_flight
        else least(d.in_flight_limit, excluded.max_in_flight) end,
      failures = case when ${lifted} then 0 else d.failures end,
      failing_since = case when ${lifted} then null else d.failing_since end,
      trips = case when ${lifted} then 0 else d.trips end,
      gate_until = case when ${lifted} then '-infinity' else d.gate_until end,
      suspension = case when ${lifted} then null else d.suspension end,
      suspended_at = case when ${lifted} then null else d.suspended_at end
    where d.revision < excluded.revision
    returning d.*
  )
  ${emitResumed(`(
    select u.* from upserted u join before b on b.id = u.id
    where b.suspended_at is not null and u.suspended_at is null and not u.deleted)`)}`;

/** @returns whether the endpoint was not suspended before */
export async function suspend(
  db: Pool | PoolClient,
  endpointId: string,
  reason: SuspensionReason,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with suspended as (
       update destination set suspended_at = now(), suspension = $2
       where endpoint_id = $1 and suspended_at is null and not deleted returning *
     ) ${emitSuspended('suspended')}`,
    [endpointId, reason],
  );
  return rowCount === 1;
}

/** Lifts a suspension and resets the endpoint's health. @returns whether it was suspended */
export async function resume(db: Pool | PoolClient, endpointId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `with resumed as (
       update destination
       set suspended_at = null, suspension = null, failures = 0, failing_since = null, trips = 0, gate_until = '-infinity',
         in_flight_limit = max_in_flight
       where endpoint_id = $1 and suspended_at is not null and not deleted returning *
     ) ${emitResumed('resumed')}`,
    [endpointId],
  );
  return rowCount === 1;
}
