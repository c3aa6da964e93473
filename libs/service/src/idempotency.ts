import { createHash } from 'node:crypto';

import { IdempotencyKey } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { Refusal } from './refusal.ts';

/** The table that a service keeps answers in, to be created by its first migration. */
export const idempotencyTable = `
  create table idempotency_key (
    owner text not null,
    key text not null,
    fingerprint text not null,
    answer text,
    created_at timestamptz not null default now(),
    primary key (owner, key)
  );
  create index idempotency_key_age on idempotency_key (created_at);`;

/** Answers may hold secrets that are shown only once: at rest they are sealed. */
export interface AnswerSeal {
  seal(value: Uint8Array, owner: string): string;
  open(sealed: string, owner: string): Buffer;
}

export interface IdempotentRequest {
  /** Whose keys these are: an organization and environment, or the operator. */
  owner: string;
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
  throw new Refusal(400, 'IDEMPOTENCY_KEY_INVALID', `Idempotency-Key ${rule}`, [
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
  seal: AnswerSeal,
  work: () => Promise<T>,
): Promise<T> {
  const { owner, key } = request;
  if (key === undefined) return work();
  checkIdempotencyKey(key);
  const identity = `idempotency:${owner}:${key}`;
  // A concurrent request with the same key waits here until the first one's transaction has ended.
  const taken = await client.query(
    `insert into idempotency_key (owner, key, fingerprint) values ($1, $2, $3) on conflict do nothing`,
    [owner, key, request.fingerprint],
  );
  if (taken.rowCount === 1) {
    const answer = await work();
    const sealed = seal.seal(Buffer.from(JSON.stringify(answer)), identity);
    await client.query(`update idempotency_key set answer = $3 where owner = $1 and key = $2`, [
      owner,
      key,
      sealed,
    ]);
    return answer;
  }
  const { rows } = await client.query<{ fingerprint: string; answer: string }>(
    `select fingerprint, answer from idempotency_key where owner = $1 and key = $2`,
    [owner, key],
  );
  const first = rows[0];
  if (first?.fingerprint !== request.fingerprint) {
    throw new Refusal(
      422,
      'IDEMPOTENCY_KEY_REUSED',
      'this Idempotency-Key was used for another request',
    );
  }
  return JSON.parse(seal.open(first.answer, identity).toString()) as T;
}

/** Forgets answers older than a day. */
export async function forgetAnswers(client: { query: PoolClient['query'] }): Promise<number> {
  const { rowCount } = await client.query(
    `delete from idempotency_key where created_at < now() - interval '24 hours'`,
  );
  return rowCount ?? 0;
}
