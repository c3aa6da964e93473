import type { Actor, BlobReference, CorrectedField } from '@casewire/contracts';
import type { Pool } from 'pg';

/** A version of an extraction with its run. */
export interface VersionRow {
  upload_id: string;
  version: number;
  cause: 'run' | 'correction';
  revised_by: Actor | null;
  created_at: Date;
  run: number;
  result: BlobReference | null;
  finished_at: Date | null;
  fields: CorrectedField[] | null;
  reason: string | null;
}

/** All versions of the extractions of a case, by upload, in their order. */
export async function extractionVersions(
  pool: Pool,
  caseId: string,
): Promise<Map<string, VersionRow[]>> {
  const { rows } = await pool.query<VersionRow>(
    `select e.upload_id, e.version, e.cause, e.revised_by, e.created_at, r.run, r.result, r.finished_at, p.fields, p.reason
     from extraction_version_view e join run_view r on r.id = e.run_id
       left join extraction_version_private p on p.upload_id = e.upload_id and p.version = e.version
     where e.case_id = $1 order by e.upload_id, e.version`,
    [caseId],
  );
  return Map.groupBy(rows, (row) => row.upload_id);
}
