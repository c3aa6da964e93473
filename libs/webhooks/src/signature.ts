import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

export interface Signed {
  /** The event's id: the same in every attempt. */
  id: string;
  /** Unix time of the attempt, in seconds. */
  timestamp: number;
  /** The exact bytes of the request. */
  body: Uint8Array;
}

/** Making a key of bytes costs five times as much as signing with it: whoever signs again with the same ones has it. */
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
 * The value of `webhook-signature`: one `v1,<base64>` per secret, so that receivers can change over while a secret is
 * rotated. Source: Standard Webhooks specification, "Signature scheme" (HMAC-SHA256 of id.timestamp.body).
 */
export const sign = ({ id, timestamp, body }: Signed, secrets: readonly Uint8Array[]): string =>
  secrets.map((secret) => `v1,${hmac(secret, `${id}.${timestamp}.`, body)}`).join(' ');

export interface Sequenced {
  id: string;
  timestamp: number;
  /** The event's place in its lane, from 1. */
  sequence: number;
  /** The id of the event before it in its lane; empty for the first. */
  previousId: string;
  /** How many events directly before it were given up; 0 for none. */
  gap: number;
}

/**
 * The value of `webhook-sequence-signature`: what a receiver needs to prove order and gaps. The signature of the body
 * does not cover these headers, so they have one of their own, over id.timestamp.sequence.previous-id, and over
 * id.timestamp.sequence.previous-id.gap where events before it were given up.
 */
export const signSequence = (
  { id, timestamp, sequence, previousId, gap }: Sequenced,
  secrets: readonly Uint8Array[],
): string => {
  const place = `${id}.${timestamp}.${sequence}.${previousId}${gap > 0 ? `.${gap}` : ''}`;
  return secrets.map((secret) => `v1,${hmac(secret, place)}`).join(' ');
};

/** Whether any of the signatures in the header is the expected one; each is compared in constant time. */
export function matches(header: string, expected: string): boolean {
  const wanted = new Set(expected.split(' '));
  return header.split(' ').some((given) =>
    [...wanted].some((one) => {
      const [a, b] = [Buffer.from(given), Buffer.from(one)];
      return a.length === b.length && timingSafeEqual(a, b);
    }),
  );
}
