import { createHmac } from 'node:crypto';

import type { Principal } from '@casewire/auth';
import { ApiError } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

type Owner = Pick<Principal, 'organizationId' | 'environment'>;
type Queryable = Pick<Pool | PoolClient, 'query'>;

const digestOf = (sealingKey: Uint8Array, externalId: string): Buffer =>
  createHmac('sha256', sealingKey).update(externalId).digest();

/**
 * The case with this external id. If there is none, the id now belongs to the given case. A concurrent submission with the same
 * id waits for this transaction.
 */
export async function claimExternalId(
  client: PoolClient,
  sealingKey: Uint8Array,
  { organizationId, environment }: Owner,
  caseId: string,
  externalId: string,
): Promise<string> {
  const { rowCount } = await client.query(
    `insert into case_external_id (organization_id, environment, digest, case_id) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [organizationId, environment, digestOf(sealingKey, externalId), caseId],
  );
  if (rowCount === 1) return caseId;
  const owner = { organizationId, environment };
  return (await caseOfExternalId(client, sealingKey, owner, externalId))!;
}

/** The case with this external id, also if it was deleted; undefined if there is none. */
export async function caseOfExternalId(
  db: Queryable,
  sealingKey: Uint8Array,
  { organizationId, environment }: Owner,
  externalId: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ case_id: string }>(
    'select case_id from case_external_id where organization_id = $1 and environment = $2 and digest = $3',
    [organizationId, environment, digestOf(sealingKey, externalId)],
  );
  return rows[0]?.case_id;
}

/**
 * Gives a case another external id; the one before is free then.
 * @throws ApiError 409 EXTERNAL_ID_TAKEN
 */
export async function moveExternalId(
  client: PoolClient,
  sealingKey: Uint8Array,
  owner: Owner,
  caseId: string,
  { from, to: externalId }: { from: string | null; to: string },
): Promise<void> {
  if (from !== null) {
    await client.query(
      'delete from case_external_id where organization_id = $1 and environment = $2 and digest = $3',
      [owner.organizationId, owner.environment, digestOf(sealingKey, from)],
    );
  }
  if ((await claimExternalId(client, sealingKey, owner, caseId, externalId)) === caseId) return;
  throw new ApiError(409, 'EXTERNAL_ID_TAKEN', 'another case has this externalId', [
    { field: 'externalId', rule: 'must not be the externalId of another case' },
  ]);
}
