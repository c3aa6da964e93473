import type { Endpoint, Organization } from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

import type { Notice, NoticeExample, NoticeKind } from './alert.ts';
import { alone } from './gather-alerts.ts';
import { letterAbout, type Letter } from './notification.ts';

export interface LetterRules {
  /** How old a notice is when a letter is written about it. */
  gatherMs: number;
  /** How long no second letter is written about the same endpoint and kind. */
  quietMs: number;
  /** Whether letters are sent, or only kept. */
  isSent: boolean;
  organizations: { get(id: string): Organization | undefined };
  endpoints: { get(id: string): Endpoint | undefined };
}

/**
 * Writes a letter to each organization of which notices are old enough, unless one about the same was written lately. Notices
 * of an organization without an address are closed.
 * @returns how many letters were written
 */
export async function writeLetters(pool: Pool, now: Date, rules: LetterRules): Promise<number> {
  const written = await alone(pool, async (client) => {
    const due = await dueNotices(client, now, rules);
    const byOrganization = Map.groupBy(due, ({ organizationId }) => organizationId);
    let letters = 0;
    for (const [id, notices] of byOrganization) {
      const organization = rules.organizations.get(id);
      const to = organization?.notificationEmail ?? null;
      const letter = to === null ? null : letterAbout(notices, contextOf(organization!, rules));
      await close(client, notices, letter && (await store(client, id, to!, letter, now, rules)));
      if (letter) letters++;
    }
    return letters;
  });
  return written ?? 0;
}

const contextOf = ({ name: organization }: Organization, { endpoints }: LetterRules) => ({
  organization,
  hostOf: (endpointId: string) => {
    const endpoint = endpoints.get(endpointId);
    return endpoint && new URL(endpoint.url).host;
  },
});

interface NoticeRow {
  id: string;
  organization_id: string;
  environment: string;
  endpoint_id: string | null;
  kind: NoticeKind;
  count: number;
  first_at: Date;
  last_at: Date;
  detail: { examples?: NoticeExample[] };
}

async function dueNotices(
  client: PoolClient,
  now: Date,
  { gatherMs, quietMs }: LetterRules,
): Promise<Notice[]> {
  const { rows } = await client.query<NoticeRow>(
    `select id, organization_id, environment, endpoint_id, kind, count, first_at, last_at, detail from notice n
     where letter_id is null and first_at <= $1 and not exists (
       select from notice told join letter l on l.id = told.letter_id
       where (told.organization_id, told.environment, told.kind) = (n.organization_id, n.environment, n.kind)
         and told.endpoint_id is not distinct from n.endpoint_id and l.created_at > $2)
     order by organization_id, environment, endpoint_id, id`,
    [new Date(now.getTime() - gatherMs), new Date(now.getTime() - quietMs)],
  );
  return rows.map((row) => ({
    id: row.id,
    organizationId: row.organization_id,
    environment: row.environment,
    endpointId: row.endpoint_id,
    kind: row.kind,
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    examples: row.detail.examples ?? [],
  }));
}

/** @returns the letter's id */
async function store(
  client: PoolClient,
  organizationId: string,
  to: string,
  { subject, text }: Letter,
  now: Date,
  { isSent }: LetterRules,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into letter (organization_id, recipient, subject, body, created_at, next_try_at)
     values ($1, $2, $3, $4, $5, case when $6 then $5 else 'infinity'::timestamptz end) returning id`,
    [organizationId, to, subject, text, now, isSent],
  );
  return rows[0]!.id;
}

/** No letter has the id 0: nobody was written to. */
async function close(client: PoolClient, notices: readonly Notice[], letter: string | null) {
  await client.query('update notice set letter_id = $2 where id = any($1::bigint[])', [
    notices.map(({ id }) => id),
    letter ?? '0',
  ]);
}
