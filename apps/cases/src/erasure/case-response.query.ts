import type { PoolClient } from 'pg';

/** A stored response, by the Idempotency-Key of its request. */
export interface StoredResponse {
  /** The namespace of the key. */
  caller: string;
  key: string | undefined;
}

/** Remembers that a stored response is about a case, so that it is erased with the case. Without a key nothing is stored. */
export async function saveCaseOfResponse(
  client: PoolClient,
  { caller, key }: StoredResponse,
  caseId: string,
): Promise<void> {
  if (key === undefined) return;
  await client.query('insert into case_response (caller, key, case_id) values ($1, $2, $3)', [
    caller,
    key,
    caseId,
  ]);
}

/** Erases the stored responses about a case. Their keys stay used: a repeated request is not executed again. */
export async function eraseResponses(client: PoolClient, caseId: string): Promise<void> {
  await client.query(
    `update idempotency_key i set response = null
     from case_response c where c.case_id = $1 and i.caller = c.caller and i.key = c.key`,
    [caseId],
  );
}

/** Deletes what belongs to responses that are deleted already. */
export async function deleteOldCaseResponses(client: {
  query: PoolClient['query'];
}): Promise<void> {
  await client.query(
    `delete from case_response c where c.created_at < now() - interval '24 hours' and not exists (
       select from idempotency_key i where i.caller = c.caller and i.key = c.key)`,
  );
}
