import { maxMetadata } from '@casewire/contracts';
import { invalid, named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { SubmissionFields } from './submission-fields.ts';

/**
 * Stores the personal data of a submission, which is deleted with the case.
 * @throws ApiError 400 where the case would have too many metadata entries
 */
export async function savePrivateData(
  client: PoolClient,
  caseId: string,
  fields: SubmissionFields,
  uploads: readonly { uploadId: string; name: string }[],
): Promise<void> {
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
  if (rows[0]!.entries > maxMetadata) {
    const rule = `must not bring the case's metadata above ${maxMetadata} entries`;
    throw invalid([{ field: 'metadata', rule }]);
  }
  await client.query(
    `insert into upload_private (upload_id, case_id, file_name)
     select u, $1, n from unnest($2::uuid[], $3::text[]) as f (u, n)`,
    [caseId, uploads.map(({ uploadId }) => uploadId), uploads.map(({ name }) => name)],
  );
}
