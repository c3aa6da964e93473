import type { StoredEvent } from '@casewire/event-sourcing';
import type { Pool } from 'pg';

import type { CaseDomainEvent } from '../case/case-domain-event.ts';

/** A domain event of a case, and whether it was published. */
export type CaseHistoryEvent = Pick<StoredEvent<CaseDomainEvent>, 'version' | 'event'> & {
  published: boolean;
};

interface EventRow {
  version: number;
  data: CaseDomainEvent;
  published: boolean;
}

/** The domain events of a case after a version, in their order; all of them without a limit. */
export async function caseHistory(
  pool: Pool,
  caseId: string,
  { after = 0, limit = null }: { after?: number; limit?: number | null } = {},
): Promise<CaseHistoryEvent[]> {
  const { rows } = await pool.query<EventRow>(
    `select version, data, published from domain_event where stream_id = $1 and version > $2
     order by version limit $3`,
    [caseId, after, limit],
  );
  return rows.map(({ version, data, published }) => ({ version, event: data, published }));
}

/** The versions at which the case's own data were revised, in their order. */
export async function revisionVersions(pool: Pool, caseId: string): Promise<number[]> {
  const { rows } = await pool.query<{ version: number }>(
    `select version from domain_event where stream_id = $1 and type = 'CaseRevised' order by version`,
    [caseId],
  );
  return rows.map(({ version }) => version);
}
