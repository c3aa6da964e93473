import type { PoolClient } from 'pg';

import type { CallbackDestination, DeliveryDestination } from '../../model/lane-store.ts';

export interface LockedDestination {
  id: string;
  deleted: boolean;
}

/** A destination and the tenant of the event for it. */
export interface TenantDestination {
  destination: DeliveryDestination;
  organizationId: string;
  environment: string;
}

/** The natural key of a destination: the endpoint's id, or the hash of the callback URL. */
export const destinationKey = (destination: DeliveryDestination): string =>
  'endpoint' in destination ? destination.endpoint.id : destination.callback.hash.toString('hex');

/** How often missing destinations are registered: an erasure may remove a callback URL between registration and lock. */
const maxAttempts = 5;

/**
 * Locks destinations, and registers missing ones. The lock is shared with other batches, not with a deletion, so that a
 * destination exists until this batch is in its lanes.
 * @returns the destinations by `destinationKey`
 * @throws Error if a destination is missing even after its registration
 */
export async function lockDestinations(
  client: PoolClient,
  destinations: Iterable<TenantDestination>,
): Promise<Map<string, LockedDestination>> {
  const wanted = new Map([...destinations].map((one) => [destinationKey(one.destination), one]));
  if (wanted.size === 0) return new Map();
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const locked = await lockRegistered(client, [...wanted.values()]);
    const missing = [...wanted].flatMap(([key, one]) => (locked.has(key) ? [] : [one]));
    if (missing.length === 0) return locked;
    await register(client, missing);
  }
  throw new Error('registered destinations are missing');
}

/**
 * Locks the given destinations, except those that are not registered.
 * @returns the destinations by `destinationKey`, without those whose callback URL was erased
 */
export async function lockRegistered(
  client: PoolClient,
  wanted: readonly TenantDestination[],
): Promise<Map<string, LockedDestination>> {
  const { rows } = await client.query<LockedDestination & { key: string; erased: boolean }>({
    name: 'lock-destinations',
    text: `
      select id, coalesce(endpoint_id::text, encode(callback_hash, 'hex')) as key, deleted,
        callback_hash is not null and callback_url is null as erased
      from destination
      where endpoint_id = any($1::uuid[]) or callback_hash = any($2::bytea[])
      order by id for key share`,
    values: [
      wanted.flatMap(({ destination }) =>
        'endpoint' in destination ? [destination.endpoint.id] : [],
      ),
      wanted.flatMap(({ destination }) =>
        'callback' in destination ? [destination.callback.hash] : [],
      ),
    ],
  });
  return new Map(rows.filter(({ erased }) => !erased).map((row) => [row.key, row]));
}

async function register(client: PoolClient, wanted: readonly TenantDestination[]): Promise<void> {
  await registerEndpoints(client, wanted);
  const callbacks = wanted.flatMap((one) =>
    'callback' in one.destination ? [{ ...one, callback: one.destination.callback }] : [],
  );
  if (callbacks.length > 0) await registerCallbacks(client, callbacks);
}

async function registerEndpoints(
  client: PoolClient,
  wanted: readonly TenantDestination[],
): Promise<void> {
  const endpoints = wanted.flatMap(({ destination }) =>
    'endpoint' in destination ? [destination.endpoint] : [],
  );
  if (endpoints.length === 0) return;
  await client.query({
    name: 'register-destinations',
    text: `
      insert into destination (endpoint_id, organization_id, environment, enabled, disabled_at, revision, max_in_flight,
        in_flight_limit, rate_per_second, tokens)
      select id, organization, environment, enabled, case when not enabled then now() end, revision, flight, flight, rate,
        greatest(rate, 1)
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::bigint[], $6::int[], $7::float8[])
        as e (id, organization, environment, enabled, revision, flight, rate)
      where not exists (select from destination d where d.endpoint_id = e.id)
      order by id
      on conflict (endpoint_id) do nothing`,
    values: [
      endpoints.map(({ id }) => id),
      endpoints.map(({ organizationId }) => organizationId),
      endpoints.map(({ environment }) => environment),
      endpoints.map(({ enabled }) => enabled),
      endpoints.map(({ revision }) => revision),
      endpoints.map(({ maxInFlight }) => maxInFlight),
      endpoints.map(({ ratePerSecond }) => ratePerSecond),
    ],
  });
}

/** Registers callback URLs. An erased URL is stored again in its destination. */
async function registerCallbacks(
  client: PoolClient,
  callbacks: readonly (TenantDestination & { callback: CallbackDestination })[],
): Promise<void> {
  await client.query({
    name: 'register-callbacks',
    text: `
      insert into destination (callback_hash, callback_url, dialect, host, organization_id, environment, enabled, revision)
      select c.*, true, 0
      from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[]) as c (hash)
      where not exists (select from destination d where d.callback_hash = c.hash and d.callback_url is not null)
      order by c.hash
      on conflict (callback_hash) do update set callback_url = excluded.callback_url
      where destination.callback_url is null`,
    values: [
      callbacks.map(({ callback }) => callback.hash),
      callbacks.map(({ callback }) => callback.sealedUrl),
      callbacks.map(({ callback }) => callback.dialect),
      callbacks.map(({ callback }) => callback.host),
      callbacks.map(({ organizationId }) => organizationId),
      callbacks.map(({ environment }) => environment),
    ],
  });
}
