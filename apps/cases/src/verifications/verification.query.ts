import type { Environment, VerificationState } from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

import type { Tenant } from '../reading/case-view.query.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

/** A verification of an order that was deleted. */
export interface ErasedRow {
  id: string;
  orderId: string;
  organizationId: string;
  environment: Environment;
}

/** A verification in its present state. */
export interface StateRow extends ErasedRow {
  state: VerificationState;
}

/** A verification of a tenant. */
export type Verification = Pick<StateRow, 'id' | 'orderId' | 'state'>;

/**
 * Stores the states of verifications, each id once. A verification keeps its order and its tenant, and stays deleted if it was.
 */
export async function saveStates(
  client: PoolClient,
  verifications: readonly StateRow[],
): Promise<void> {
  await client.query(
    `insert into verification as v (id, order_id, organization_id, environment, state)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
     on conflict (id) do update set state = excluded.state
       where v.order_id = excluded.order_id and v.organization_id = excluded.organization_id
         and v.environment = excluded.environment`,
    [...columnsOf(verifications), verifications.map(({ state }) => state)],
  );
}

/** Marks the verifications of orders as deleted, as far as they are stored and belong to the same tenant. */
export async function markDeleted(
  client: PoolClient,
  orders: readonly Omit<ErasedRow, 'id'>[],
): Promise<void> {
  await client.query(
    `update verification as v set deleted = true
     from unnest($1::uuid[], $2::uuid[], $3::text[]) as erased (order_id, organization_id, environment)
     where v.order_id = erased.order_id and v.organization_id = erased.organization_id
       and v.environment = erased.environment`,
    [
      orders.map(({ orderId }) => orderId),
      orders.map(({ organizationId }) => organizationId),
      orders.map(({ environment }) => environment),
    ],
  );
}

/** Stores deleted verifications that are not stored yet, each id once, so that a later event cannot make them known. */
export async function insertDeleted(
  client: PoolClient,
  verifications: readonly ErasedRow[],
): Promise<void> {
  await client.query(
    `insert into verification (id, order_id, organization_id, environment, state, deleted)
     select *, 'canceled', true from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[])
     on conflict (id) do nothing`,
    columnsOf(verifications),
  );
}

const columnsOf = (verifications: readonly ErasedRow[]) => [
  verifications.map(({ id }) => id),
  verifications.map(({ orderId }) => orderId),
  verifications.map(({ organizationId }) => organizationId),
  verifications.map(({ environment }) => environment),
];

/** A verification of the tenant; undefined if there is none, or if its order was deleted. */
export async function verificationOf(
  db: Queryable,
  { organizationId, environment }: Tenant,
  id: string,
): Promise<Verification | undefined> {
  const { rows } = await db.query<Verification>(
    `select id, order_id as "orderId", state from verification
     where id = $1 and organization_id = $2 and environment = $3 and not deleted`,
    [id, organizationId, environment],
  );
  return rows[0];
}

/** The same; until the end of the transaction its state does not change. A change that is being committed is awaited. */
export async function lockVerification(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  id: string,
): Promise<Verification | undefined> {
  const { rows } = await client.query<Verification>(
    `select id, order_id as "orderId", state from verification
     where id = $1 and organization_id = $2 and environment = $3 and not deleted for share`,
    [id, organizationId, environment],
  );
  return rows[0];
}
