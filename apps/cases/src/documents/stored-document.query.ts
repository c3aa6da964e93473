import type { BlobReference } from '@casewire/contracts';
import type { Pool } from 'pg';

import type { StoredDocument } from '../case/case-domain-event.ts';
import type { Tenant } from '../reading/case-view.query.ts';

interface DocumentRow {
  document: StoredDocument;
  file_name: string;
  /** The result of the current run of forensics; null until there is one. */
  forensics: BlobReference | null;
}

/** The document of an upload; undefined if the tenant has none, or if its case was deleted. */
export async function storedDocument(
  pool: Pool,
  { organizationId, environment }: Tenant,
  caseId: string,
  uploadId: string,
): Promise<DocumentRow | undefined> {
  const { rows } = await pool.query<DocumentRow>(
    `select u.document, p.file_name,
       (select r.result from run_view r where r.upload_id = u.id and r.stage = 'forensics' and r.current) as forensics
     from upload_view u join case_view v on v.id = u.case_id join upload_private p on p.upload_id = u.id
     where u.id = $1 and v.id = $2 and v.organization_id = $3 and v.environment = $4 and v.status <> 'deleted'`,
    [uploadId, caseId, organizationId, environment],
  );
  return rows[0];
}
