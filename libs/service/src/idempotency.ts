import { createHash } from 'node:crypto';

import { IdempotencyKey } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { ApiError } from './api-error.ts';

/** The table of stored responses, which the first migration of a service creates. */
export const idempotencyTable = `
  create table idempotency_key (
    caller text not null,
    key text not null,
    fingerprint text not null,
    -- Sealed; null while the first request is processed, and once it was erased.
    response text,
    created_at timestamptz not null default now(),
    primary key (caller, key)
  );
  create index idempotency_key_age on idempotency_key (created_at);`;

/** Encrypts stored responses: they may contain secrets that are shown only once. */
export interface ResponseSeal {
  seal(value: Uint8Array, context: string): string;
  open(sealed: string, context: string): Buffer;
}

export interface IdempotentRequest {
  /** The namespace of the key: an organization and environment, or the operator. */
  caller: string;
  /** The header Idempotency-Key; undefined runs the work without one. */
  key: string | undefined;
  /** Digest of all parts of the request that determine its effect. */
  fingerprint: string;
}

/** A digest over parts. The length of each part is included, so that different splits of a text have different digests. */
export function fingerprint(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

/** What makes a POST with a JSON body the same as another one with the same Idempotency-Key. */
export interface PostRequest {
  key: string | undefined;
  /** The route, with its ids. */
  route: string;
  body?: unknown;
}

/**
 * A POST with a JSON body, as `idempotent` takes it.
 * @param caller the namespace of the key
 */
export const postRequest = (
  caller: string,
  { key, route, body = null }: PostRequest,
): IdempotentRequest => ({ caller, key, fingerprint: fingerprint(route, JSON.stringify(body)) });

/** @throws ApiError 400 with the header and its rule */
export function checkIdempotencyKey(key: string): void {
  const { error } = IdempotencyKey.safeParse(key);
  if (!error) return;
  const rule = error.issues[0]!.message;
  throw new ApiError(400, 'IDEMPOTENCY_KEY_INVALID', `Idempotency-Key ${rule}`, [
    { field: 'Idempotency-Key', rule },
  ]);
}

/**
 * Runs the work once per key, in the caller's transaction: its effects and its response are committed together. A repetition of
 * the request gets the same response; during the first request it waits.
 * @throws ApiError 400 for an invalid key, 422 for a key that was used for another request, 409 if the response was erased
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
  // A concurrent request with the same key waits here until the transaction of the first one ends.
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
  const { rows } = await client.query<{ fingerprint: string; response: string | null }>(
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
  if (first.response === null) {
    const detail = 'the response to this request was erased together with what it was about';
    throw new ApiError(409, 'RESPONSE_ERASED', detail);
  }
  return JSON.parse(seal.open(first.response, identity).toString()) as T;
}

/** Deletes responses that are older than a day. Returns their number. */
export async function deleteOldResponses(client: { query: PoolClient['query'] }): Promise<number> {
  const { rowCount } = await client.query(
    `delete from idempotency_key where created_at < now() - interval '24 hours'`,
  );
  return rowCount ?? 0;
}
