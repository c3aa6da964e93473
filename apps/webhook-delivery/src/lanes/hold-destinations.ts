import type { Endpoint } from '@casewire/contracts';
import type { PoolClient } from 'pg';

export interface HeldDestination {
  id: string;
  deleted: boolean;
}

/**
 * Registers endpoints that are not known yet, and holds all of them: shared with other batches, not with a deletion, so
 * that a destination that is there stays until this batch is in its lanes.
 * @returns by endpoint id
 */
export async function holdDestinations(
  client: PoolClient,
  endpoints: Iterable<Endpoint>,
): Promise<Map<string, HeldDestination>> {
  const wanted = [...new Map([...endpoints].map((endpoint) => [endpoint.id, endpoint])).values()];
  if (wanted.length === 0) return new Map();
  const ids = wanted.map(({ id }) => id);
  await client.query({
    name: 'register-destinations',
    text: `
      insert into destination (endpoint_id, organization_id, environment, enabled, revision)
      select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::bigint[]) as e (endpoint_id)
      where not exists (select from destination d where d.endpoint_id = e.endpoint_id)
      order by e.endpoint_id
      on conflict (endpoint_id) do nothing`,
    values: [
      ids,
      wanted.map(({ organizationId }) => organizationId),
      wanted.map(({ environment }) => environment),
      wanted.map(({ enabled }) => enabled),
      wanted.map(({ revision }) => revision),
    ],
  });
  const { rows } = await client.query<HeldDestination & { endpoint_id: string }>({
    name: 'hold-destinations',
    text: `select id, endpoint_id, deleted from destination where endpoint_id = any($1::uuid[])
      order by id for key share`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.endpoint_id, row]));
}
