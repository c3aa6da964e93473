import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

export interface SignatureInput {
  /** The event's id: the same in every attempt. */
  id: string;
  /** Unix time of the attempt, in seconds. */
  timestamp: number;
  /** The exact bytes of the request. */
  body: Uint8Array;
}

// Creating a key object costs five times as much as signing with it, so the key of each secret is kept.
const keys = new WeakMap<Uint8Array, KeyObject>();

function keyOf(secret: Uint8Array): KeyObject {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = createSecretKey(secret)));
  return key;
}

const hmac = (secret: Uint8Array, head: string, body?: Uint8Array): string => {
  const mac = createHmac('sha256', keyOf(secret)).update(head);
  if (body) mac.update(body);
  return mac.digest('base64');
};

/**
 * The value of `webhook-signature`: one `v1,<base64>` per secret, separated by spaces, so that a receiver can verify with
 * the old or the new secret during a rotation. Source: Standard Webhooks, "Signature scheme" (HMAC-SHA256 of
 * id.timestamp.body).
 */
export const sign = (
  { id, timestamp, body }: SignatureInput,
  secrets: readonly Uint8Array[],
): string => secrets.map((secret) => `v1,${hmac(secret, `${id}.${timestamp}.`, body)}`).join(' ');

export interface SequenceSignatureInput {
  id: string;
  timestamp: number;
  /** The event's position in its lane, from 1. */
  sequence: number;
  /** The id of the previous event in its lane; empty for the first. */
  previousId: string;
  /** How many events directly before it were given up; 0 for none. */
  gap: number;
}

/**
 * The value of `webhook-sequence-signature`, with which a receiver can prove order and gaps. `webhook-signature` does not
 * cover the sequence headers, so they have their own signature: HMAC-SHA256 of id.timestamp.sequence.previous-id, followed
 * by .gap where events before it were given up.
 */
export const signSequence = (
  { id, timestamp, sequence, previousId, gap }: SequenceSignatureInput,
  secrets: readonly Uint8Array[],
): string => {
  const place = `${id}.${timestamp}.${sequence}.${previousId}${gap > 0 ? `.${gap}` : ''}`;
  return secrets.map((secret) => `v1,${hmac(secret, place)}`).join(' ');
};

/** Whether the header contains one of the expected signatures; they are compared in constant time. */
export function signatureMatches(header: string, expected: string): boolean {
  const accepted = new Set(expected.split(' '));
  return header.split(' ').some((received) =>
    [...accepted].some((signature) => {
      const [a, b] = [Buffer.from(received), Buffer.from(signature)];
      return a.length === b.length && timingSafeEqual(a, b);
    }),
  );
}
