import { ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { Tenant } from '../reading/tenant.ts';

/** Crockford's base 32: no I, L, O and U, which people confuse with other characters. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 8;

/** Random bytes, such as `randomBytes` of node:crypto. */
export type RandomBytes = (size: number) => Uint8Array;

/** A number that people can read aloud: `CW-XXXX-XXXX`, of 40 random bits. */
export function numberOf(random: RandomBytes): string {
  // 256 is a multiple of 32: every character is equally likely.
  const characters = Array.from(random(length), (byte) => alphabet[byte % alphabet.length]!);
  return format(characters.join(''));
}

const format = (characters: string) => `CW-${characters.slice(0, 4)}-${characters.slice(4)}`;

/** A number as it was issued, by what a person typed: lower case, without hyphens, or with I, L or O for 1 and 0. */
export function readableNumber(typed: string): string {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, '').replace(/^CW/, '');
  return format(plain.replaceAll(/[IL]/g, '1').replaceAll('O', '0'));
}

const draws = 5;

/**
 * Reserves a number that no order of the tenant ever had, in the caller's transaction.
 * @throws ApiError 503 ORDER_NUMBER_UNAVAILABLE if every drawn number is in use
 */
export async function reserveNumber(
  client: PoolClient,
  tenant: Tenant,
  orderId: string,
  random: RandomBytes,
): Promise<string> {
  for (let draw = 0; draw < draws; draw++) {
    const number = numberOf(random);
    if (await insertNumber(client, tenant, number, orderId)) return number;
  }
  const detail = 'no free number was found for the order; send the request again';
  throw new ApiError(503, 'ORDER_NUMBER_UNAVAILABLE', detail, [], { 'retry-after': '1' });
}

/** @returns false if an order of the tenant has the number, or had it */
async function insertNumber(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  number: string,
  orderId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into order_number (organization_id, environment, number, order_id) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [organizationId, environment, number, orderId],
  );
  return rowCount === 1;
}

/** The id of the tenant's order that has a number, or had it before its deletion; undefined if there is none. */
export async function orderWithNumber(
  db: Pick<PoolClient, 'query'>,
  { organizationId, environment }: Tenant,
  number: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ order_id: string }>(
    'select order_id from order_number where organization_id = $1 and environment = $2 and number = $3',
    [organizationId, environment, number],
  );
  return rows[0]?.order_id;
}
