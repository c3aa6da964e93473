import type { DocumentCorrection, Metadata } from '@casewire/contracts';
import type { PoolClient } from 'pg';
import type { z } from 'zod';

import type { CaseDomainEvent } from '../case/case-domain-event.ts';

/** Stores the corrected values of the versions that these domain events made. They are deleted with the case. */
export async function saveCorrections(
  client: PoolClient,
  caseId: string,
  events: readonly CaseDomainEvent[],
  corrections: readonly DocumentCorrection[],
  reason: string | null,
): Promise<void> {
  const revised = events.filter((event) => event.type === 'DocumentRevised');
  for (const [i, { uploadId, version }] of revised.entries()) {
    await client.query(
      `insert into extraction_version_private (upload_id, version, case_id, fields, reason) values ($1, $2, $3, $4, $5)`,
      [uploadId, version, caseId, JSON.stringify(corrections[i]!.fields), reason],
    );
  }
}

/** The case's own data: personal data. */
export interface CaseData {
  externalId: string | null;
  reference: string | null;
  metadata: z.infer<typeof Metadata>;
}

/** Locks the case's own data until the transaction ends. */
export async function lockCaseData(client: PoolClient, caseId: string): Promise<CaseData> {
  const { rows } = await client.query<CaseData>(
    `select external_id as "externalId", reference, metadata from case_private where case_id = $1 for update`,
    [caseId],
  );
  return rows[0]!;
}

export async function replaceCaseData(
  client: PoolClient,
  caseId: string,
  { externalId, reference, metadata }: CaseData,
): Promise<void> {
  await client.query(
    'update case_private set external_id = $2, reference = $3, metadata = $4 where case_id = $1',
    [caseId, externalId, reference, JSON.stringify(metadata)],
  );
}

/** Stores the case's own data as they are at a revision. A revision that is stored already stays as it is. */
export async function saveCaseRevision(
  client: PoolClient,
  caseId: string,
  revision: { number: number; data: CaseData; reason: string | null },
): Promise<void> {
  const { externalId, reference, metadata } = revision.data;
  await client.query(
    `insert into case_revision_private (case_id, revision, external_id, reference, metadata, reason)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [caseId, revision.number, externalId, reference, JSON.stringify(metadata), revision.reason],
  );
}
