import { BlobNotFound } from '@casewire/blobs';
import type { CaseSummary } from '@casewire/contracts';
import { notFound } from '@casewire/service';
import type { Pool } from 'pg';

import { caseWithoutUploads, type Tenant } from './case-view.query.ts';

/** A case of the tenant without its uploads. @throws ApiError 404 */
export async function findCase(
  db: Pick<Pool, 'query'>,
  tenant: Tenant,
  caseId: string,
): Promise<CaseSummary> {
  const found = await caseWithoutUploads(db, tenant, caseId);
  if (!found) throw notFound('case');
  return found;
}

/**
 * Reads blobs of a case.
 * @throws ApiError 404 where a blob is missing because the case was deleted meanwhile; BlobNotFound where it was not
 */
export async function readingBlobs<T>(
  pool: Pool,
  tenant: Tenant,
  caseId: string,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BlobNotFound) await findCase(pool, tenant, caseId);
    throw error;
  }
}
