import type { Team } from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import { organizations } from '../publication/registry.ts';

/** Slugs of Casewire's own topics. */
const reserved = new Set(['casewire', 'registry']);

/** Every team. Locks the list until the transaction ends, so that no concurrent request adds a team. */
export async function lockTeams(client: PoolClient): Promise<Team[]> {
  await client.query("select pg_advisory_xact_lock(hashtext('registry.teams'))");
  const all = await organizations.list(client, null, 1_000_000);
  return all.flatMap(({ team }) => team ?? []);
}

/** @throws ApiError 409 if the team's topic or one of its prefixes belongs to another team */
export function checkTeam({ slug, prefixes }: Team, others: readonly Team[]): void {
  if (reserved.has(slug) || others.some((other) => other.slug === slug)) {
    throw new ApiError(409, 'TEAM_EXISTS', `events.${slug} belongs to another team`, [
      { field: 'team.slug', rule: 'must not be taken' },
    ]);
  }
  const taken = others.flatMap((other) => other.prefixes);
  for (const [i, prefix] of prefixes.entries()) {
    const overlapping = taken.find((one) => one.startsWith(prefix) || prefix.startsWith(one));
    if (overlapping === undefined) continue;
    throw new ApiError(409, 'PREFIX_TAKEN', `the prefix ${overlapping} belongs to another team`, [
      { field: `team.prefixes.${i}`, rule: `must not overlap with ${overlapping}` },
    ]);
  }
}
