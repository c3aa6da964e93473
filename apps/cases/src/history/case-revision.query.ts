import type { Actor, CaseRevision } from '@casewire/contracts';
import type { Pool } from 'pg';

interface RevisionRow {
  revision: number;
  external_id: string | null;
  reference: string | null;
  metadata: CaseRevision['metadata'];
  revised_by: Actor | null;
  reason: string | null;
  created_at: Date;
}

/** The case's own data at each revision, in their order. A case that was never revised has one: the data as they are. */
export async function caseRevisions(pool: Pool, caseId: string): Promise<CaseRevision[]> {
  const { rows } = await pool.query<RevisionRow>(
    `select r.revision, r.external_id, r.reference, r.metadata, v.revised_by, r.reason,
       coalesce(v.created_at, c.submitted_at) as created_at
     from case_revision_private r join case_view c on c.id = r.case_id
       left join case_revision_view v on v.case_id = r.case_id and v.revision = r.revision
     where r.case_id = $1
     union all
     select 1, p.external_id, p.reference, p.metadata, null, null, c.submitted_at
     from case_private p join case_view c on c.id = p.case_id
     where p.case_id = $1 and not exists (select from case_revision_private r where r.case_id = $1)
     order by revision`,
    [caseId],
  );
  return rows.map((row) => ({
    revision: row.revision,
    externalId: row.external_id,
    reference: row.reference,
    metadata: row.metadata,
    revisedBy: row.revised_by,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
  }));
}
