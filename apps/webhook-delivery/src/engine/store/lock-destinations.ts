import type { PoolClient } from 'pg';

import type { CallbackDestination, DeliveryDestination } from '../../model/lane-store.ts';

export interface LockedDestination {
  id: string;
  deleted: boolean;
}

/** A destination, and whose event it is for. */
export interface TenantDestination {
  destination: DeliveryDestination;
  organizationId: string;
  environment: string;
}

/** By what a destination is known before it has an id. */
export const destinationKey = (destination: DeliveryDestination): string =>
  'endpoint' in destination ? destination.endpoint.id : destination.callback.hash.toString('hex');

/** How often destinations are registered anew before somebody has to look: an erasure may take a URL away meanwhile. */
const triesAtMost = 5;

/**
 * Holds destinations, and registers those that are not known yet: shared with other batches, not with a deletion, so that
 * a destination that is there stays until this batch is in its lanes.
 * @returns by name
 */
export async function lockDestinations(
  client: PoolClient,
  destinations: Iterable<TenantDestination>,
): Promise<Map<string, LockedDestination>> {
  const wanted = new Map([...destinations].map((one) => [destinationKey(one.destination), one]));
  if (wanted.size === 0) return new Map();
  for (let tries = 0; tries < triesAtMost; tries++) {
    const locked = await lockRegistered(client, [...wanted.values()]);
    const missing = [...wanted].flatMap(([name, one]) => (locked.has(name) ? [] : [one]));
    if (missing.length === 0) return locked;
    await register(client, missing);
  }
  throw new Error('destinations that were registered are not there');
}

/**
 * Holds those of these destinations that are known.
 * @returns by name; not one whose URL was erased
 */
export async function lockRegistered(
  client: PoolClient,
  wanted: readonly TenantDestination[],
): Promise<Map<string, LockedDestination>> {
  const { rows } = await client.query<LockedDestination & { name: string; erased: boolean }>({
    name: 'hold-destinations',
    text: `
      select id, coalesce(endpoint_id::text, encode(callback_hash, 'hex')) as name, deleted,
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
  return new Map(rows.filter(({ erased }) => !erased).map((row) => [row.name, row]));
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

/** Also gives a URL that was erased back to the destination that had it. */
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
