import { maxMetadata, type IgnoredFile, type SubmitCase } from '@casewire/contracts';
import { invalid, named } from '@casewire/service';
import type { PoolClient } from 'pg';

/** What the documents of a submission are called. */
export interface SubmittedNames {
  uploads: readonly { uploadId: string; name: string; archive: { name: string } | null }[];
  ignored: readonly IgnoredFile[];
}

/**
 * Stores the personal data of a submission, which is deleted with the case.
 * @throws ApiError 400 where the case would have too many metadata entries
 */
export async function savePrivateData(
  client: PoolClient,
  caseId: string,
  fields: SubmitCase,
  { uploads, ignored }: SubmittedNames,
): Promise<void> {
  // This locks the case's row: positions of ignored files are counted one submission at a time.
  if ((await mergeCaseData(client, caseId, fields)) > maxMetadata) {
    const rule = `must not bring the case's metadata above ${maxMetadata} entries`;
    throw invalid([{ field: 'metadata', rule }]);
  }
  await saveUploadNames(client, caseId, uploads);
  if (ignored.length > 0) await saveIgnoredFiles(client, caseId, ignored);
}

/** How many metadata entries the case has with those of this submission. */
async function mergeCaseData(
  client: PoolClient,
  caseId: string,
  fields: SubmitCase,
): Promise<number> {
  const { rows } = await client.query<{ entries: number }>(
    named(
      `insert into case_private (case_id, external_id, metadata, reference, callback_url, correlation_id)
       values (:caseId, :externalId, :metadata, :reference, :callbackUrl, :correlationId)
       on conflict (case_id) do update set metadata = case_private.metadata || excluded.metadata,
         reference = coalesce(excluded.reference, case_private.reference),
         callback_url = coalesce(excluded.callback_url, case_private.callback_url),
         correlation_id = coalesce(excluded.correlation_id, case_private.correlation_id)
       returning (select count(*)::int from jsonb_object_keys(metadata)) as entries`,
      {
        caseId,
        externalId: fields.externalId,
        metadata: JSON.stringify(fields.metadata),
        reference: fields.reference,
        callbackUrl: fields.callbackUrl,
        correlationId: fields.correlationId,
      },
    ),
  );
  return rows[0]!.entries;
}

async function saveUploadNames(
  client: PoolClient,
  caseId: string,
  uploads: SubmittedNames['uploads'],
): Promise<void> {
  await client.query(
    `insert into upload_private (upload_id, case_id, file_name, archive)
     select u, $1, n, a from unnest($2::uuid[], $3::text[], $4::text[]) as f (u, n, a)`,
    [
      caseId,
      uploads.map(({ uploadId }) => uploadId),
      uploads.map(({ name }) => name),
      uploads.map(({ archive }) => archive?.name ?? null),
    ],
  );
}

/** Adds to the ignored files of the case. */
async function saveIgnoredFiles(
  client: PoolClient,
  caseId: string,
  ignored: readonly IgnoredFile[],
): Promise<void> {
  await client.query(
    `insert into ignored_file_private (case_id, position, archive, path, reason)
     select $1, n + coalesce((select max(position) from ignored_file_private where case_id = $1), 0), a, p, r
     from unnest($2::text[], $3::text[], $4::text[]) with ordinality as f (a, p, r, n)`,
    [
      caseId,
      ignored.map(({ archive }) => archive),
      ignored.map(({ path }) => path),
      ignored.map(({ reason }) => reason),
    ],
  );
}
