import { createHash } from 'node:crypto';

import { IdempotencyKey } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { ApiError } from './api-error.ts';

/** The table that a service keeps answers in, to be created by its first migration. */
export const idempotencyTable = `
  create table idempotency_key (
    caller text not null,
    key text not null,
    fingerprint text not null,
    -- Sealed; null while the first request is processed.
    response text,
    created_at timestamptz not null default now(),
    primary key (caller, key)
  );
  create index idempotency_key_age on idempotency_key (created_at);`;

/** Answers may hold secrets that are shown only once: at rest they are sealed. */
export interface ResponseSeal {
  seal(value: Uint8Array, context: string): string;
  open(sealed: string, context: string): Buffer;
}

export interface IdempotentRequest {
  /** Whose keys these are: an organization and environment, or the operator. */
  caller: string;
  /** The header Idempotency-Key; undefined runs the work without one. */
  key: string | undefined;
  /** Digest of everything that makes the request what it is. */
  fingerprint: string;
}

/** A digest over parts that cannot run into each other. */
export function fingerprint(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

/** @throws Refusal 400 that names the header and its rule */
export function checkIdempotencyKey(key: string): void {
  const { error } = IdempotencyKey.safeParse(key);
  if (!error) return;
  const rule = error.issues[0]!.message;
  throw new ApiError(400, 'IDEMPOTENCY_KEY_INVALID', `Idempotency-Key ${rule}`, [
    { field: 'Idempotency-Key', rule },
  ]);
}

/**
 * Runs the work once per key, in the caller's transaction: its effects and its answer commit together. The same request
 * again gets the same answer; one that comes while the first is at work waits for it.
 * @throws Refusal 400 for a key that is not one, 422 for a key that was used for another request
 */
export async function idempotent<T>(
  client: PoolClient,
  request: IdempotentRequest,
  seal: ResponseSeal,
  work: () => Promise<T>,
): Promise<T> {
  const { caller, key } = request;
  if (key === undefined) return work();
  checkIdempotencyKey(key);
  const identity = `idempotency:${caller}:${key}`;
  // A concurrent request with the same key waits here until the first one's transaction has ended.
  const inserted = await client.query(
    `insert into idempotency_key (caller, key, fingerprint) values ($1, $2, $3) on conflict do nothing`,
    [caller, key, request.fingerprint],
  );
  if (inserted.rowCount === 1) {
    const response = await work();
    const sealed = seal.seal(Buffer.from(JSON.stringify(response)), identity);
    await client.query(`update idempotency_key set response = $3 where caller = $1 and key = $2`, [
      caller,
      key,
      sealed,
    ]);
    return response;
  }
  const { rows } = await client.query<{ fingerprint: string; response: string }>(
    `select fingerprint, response from idempotency_key where caller = $1 and key = $2`,
    [caller, key],
  );
  const first = rows[0];
  if (first?.fingerprint !== request.fingerprint) {
    throw new ApiError(
      422,
      'IDEMPOTENCY_KEY_REUSED',
      'this Idempotency-Key was used for another request',
    );
  }
  return JSON.parse(seal.open(first.response, identity).toString()) as T;
}

/** Forgets answers older than a day. */
export async function deleteOldResponses(client: { query: PoolClient['query'] }): Promise<number> {
  const { rowCount } = await client.query(
    `delete from idempotency_key where created_at < now() - interval '24 hours'`,
  );
  return rowCount ?? 0;
}
