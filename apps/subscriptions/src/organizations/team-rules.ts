import type { Team } from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import { organizations } from '../publication/registry.ts';

/** Topics of Casewire's own. */
const reserved = new Set(['casewire', 'registry']);

/** Every team that there is; none comes to them until the transaction ends. */
export async function holdTeams(client: PoolClient): Promise<Team[]> {
  await client.query("select pg_advisory_xact_lock(hashtext('registry.teams'))");
  const all = await organizations.list(client, null, 1_000_000);
  return all.flatMap(({ team }) => team ?? []);
}

/** @throws Refusal where the team's topic, or one of its prefixes, is another's already */
export function checkTeam({ slug, prefixes }: Team, others: readonly Team[]): void {
  if (reserved.has(slug) || others.some((other) => other.slug === slug)) {
    throw new ApiError(409, 'TEAM_EXISTS', `events.${slug} belongs to somebody else`, [
      { field: 'team.slug', rule: 'must not be taken' },
    ]);
  }
  const taken = others.flatMap((other) => other.prefixes);
  for (const [i, prefix] of prefixes.entries()) {
    const overlapping = taken.find((one) => one.startsWith(prefix) || prefix.startsWith(one));
    if (overlapping === undefined) continue;
    throw new ApiError(409, 'PREFIX_TAKEN', `the prefix ${overlapping} belongs to somebody else`, [
      { field: `team.prefixes.${i}`, rule: `must not overlap with ${overlapping}` },
    ]);
  }
}
