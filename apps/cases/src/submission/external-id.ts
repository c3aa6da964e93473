import { createHmac } from 'node:crypto';

import type { Environment } from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

interface Tenant {
  organizationId: string;
  environment: Environment;
}

/** What an external id is stored as: it is personal data, and must be recognized after the deletion of its case. */
const digestOf = (digestKey: Uint8Array, externalId: string): Buffer =>
  createHmac('sha256', digestKey).update(externalId).digest();

/**
 * The case with this external id, or a new one. A concurrent transaction with the same external id waits for the commit of this one.
 * @param newId the id of the new case; also without an external id
 */
export async function caseForExternalId(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  externalId: string | undefined,
  { digestKey, newId }: { digestKey: Uint8Array; newId: string },
): Promise<string> {
  if (externalId === undefined) return newId;
  const tenant = { organizationId, environment };
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if (await insertExternalId(client, tenant, digestOf(digestKey, externalId), newId))
      return newId;
    const holder = await caseWithExternalId(client, tenant, externalId, digestKey);
    // Otherwise a revision that has just been committed gave the holder another external id.
    if (holder !== undefined) return holder;
  }
  throw new Error('the external id was neither free nor taken');
}

/** How often a case is looked for: a revision may release the external id between the two statements. */
const maxAttempts = 5;

/** Gives an external id to a case. @returns false if a case has it */
async function insertExternalId(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  digest: Buffer,
  caseId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into case_external_id (organization_id, environment, digest, case_id) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [organizationId, environment, digest, caseId],
  );
  return rowCount === 1;
}

/** The id of the case that has this external id, or had it before its deletion; undefined if there is none. */
export async function caseWithExternalId(
  db: Pick<Pool | PoolClient, 'query'>,
  { organizationId, environment }: Tenant,
  externalId: string,
  digestKey: Uint8Array,
): Promise<string | undefined> {
  const { rows } = await db.query<{ case_id: string }>(
    'select case_id from case_external_id where organization_id = $1 and environment = $2 and digest = $3',
    [organizationId, environment, digestOf(digestKey, externalId)],
  );
  return rows[0]?.case_id;
}

/**
 * Gives a case another external id; the one before is free then. It is released last: a transaction that waits for another one
 * here holds no external id, so that two cases that exchange theirs do not wait for each other.
 * @throws ApiError 409 EXTERNAL_ID_TAKEN
 */
export async function moveExternalId(
  client: PoolClient,
  tenant: Tenant,
  caseId: string,
  { from, to }: { from: string | null; to: string },
  digestKey: Uint8Array,
): Promise<void> {
  const holder = await caseForExternalId(client, tenant, to, { digestKey, newId: caseId });
  if (holder !== caseId)
    throw new ApiError(409, 'EXTERNAL_ID_TAKEN', 'another case has this externalId', [
      { field: 'externalId', rule: 'must not be the externalId of another case' },
    ]);
  if (from !== null) await releaseExternalId(client, tenant, digestOf(digestKey, from));
}

async function releaseExternalId(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  digest: Buffer,
): Promise<void> {
  await client.query(
    'delete from case_external_id where organization_id = $1 and environment = $2 and digest = $3',
    [organizationId, environment, digest],
  );
}
