import type { PoolClient } from 'pg';

/** The table that says what stored responses are about, which a migration of a service creates. */
export const responseSubjectTable = `
  create table response_subject (
    caller text not null,
    key text not null,
    subject_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (caller, key)
  );
  create index response_subject_id on response_subject (subject_id);
  create index response_subject_age on response_subject (created_at);`;

type Queryable = Pick<PoolClient, 'query'>;

/**
 * Remembers what a stored response is about, such as a case, so that it is erased with it. Without a key nothing is stored. In the
 * caller's transaction.
 * @param request the namespace and the Idempotency-Key of the request
 */
export async function saveResponseSubject(
  client: Queryable,
  { caller, key }: { caller: string; key: string | undefined },
  subjectId: string,
): Promise<void> {
  if (key === undefined) return;
  await client.query('insert into response_subject (caller, key, subject_id) values ($1, $2, $3)', [
    caller,
    key,
    subjectId,
  ]);
}

/** Erases the stored responses about a subject. Their keys stay used: a repeated request is not executed again. */
export async function eraseResponses(client: Queryable, subjectId: string): Promise<void> {
  await client.query(
    `update idempotency_key i set response = null
     from response_subject s where s.subject_id = $1 and i.caller = s.caller and i.key = s.key`,
    [subjectId],
  );
}

/** Deletes what belongs to responses that are deleted already: see `deleteOldResponses`. */
export async function deleteOldResponseSubjects(client: Queryable): Promise<void> {
  await client.query(
    `delete from response_subject s where s.created_at < now() - interval '24 hours' and not exists (
       select from idempotency_key i where i.caller = s.caller and i.key = s.key)`,
  );
}
