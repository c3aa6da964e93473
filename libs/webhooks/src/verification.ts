import { matches, sign, signSequence } from './signature.ts';

export type VerificationFault =
  | 'HEADER_MISSING'
  | 'TIMESTAMP_INVALID'
  | 'TIMESTAMP_TOO_OLD'
  | 'TIMESTAMP_IN_THE_FUTURE'
  | 'SIGNATURE_MISMATCH';

export class VerificationFailed extends Error {
  constructor(
    readonly code: VerificationFault,
    message: string,
  ) {
    super(message);
  }
}

export type ReceivedHeaders = Record<string, string | string[] | undefined>;

export interface Verified {
  id: string;
  timestamp: number;
  /** Present where the sender put the event in a lane and signed its place. */
  sequence?: { number: number; previousId: string; gap: number };
}

export interface VerificationOptions {
  /** How far the sender's clock may be off, in seconds. */
  toleranceSeconds?: number;
  now?: () => Date;
}

/**
 * Verifies a request as Standard Webhooks says: the signature over the raw body, and a timestamp that is close to now.
 * Where the request carries a place in a lane, that is verified as well.
 * @param rawBody the bytes as they came, before any parser
 * @param secrets the endpoint's secret; two while it is being rotated
 * @throws VerificationFailed with a code that says what is wrong
 */
export function verify(
  rawBody: Uint8Array,
  headers: ReceivedHeaders,
  secrets: readonly Uint8Array[],
  { toleranceSeconds = 300, now = () => new Date() }: VerificationOptions = {},
): Verified {
  const id = header(headers, 'webhook-id');
  const stamp = header(headers, 'webhook-timestamp');
  const signature = header(headers, 'webhook-signature');
  if (!/^\d{1,12}$/.test(stamp)) {
    throw new VerificationFailed('TIMESTAMP_INVALID', 'webhook-timestamp is no Unix time');
  }
  const timestamp = Number(stamp);
  const age = now().getTime() / 1000 - timestamp;
  if (age > toleranceSeconds) {
    throw new VerificationFailed('TIMESTAMP_TOO_OLD', `the request is ${Math.round(age)} s old`);
  }
  if (age < -toleranceSeconds) {
    throw new VerificationFailed('TIMESTAMP_IN_THE_FUTURE', 'the request is from the future');
  }
  if (!matches(signature, sign({ id, timestamp, body: rawBody }, secrets))) {
    throw new VerificationFailed(
      'SIGNATURE_MISMATCH',
      'no signature is by a secret of this endpoint',
    );
  }
  if (headers['webhook-sequence'] === undefined) return { id, timestamp };
  return { id, timestamp, sequence: verifiedSequence(headers, id, timestamp, secrets) };
}

function verifiedSequence(
  headers: ReceivedHeaders,
  id: string,
  timestamp: number,
  secrets: readonly Uint8Array[],
) {
  const number = Number(header(headers, 'webhook-sequence'));
  const previous = headers['webhook-previous-id'];
  const previousId = typeof previous === 'string' ? previous : '';
  const gap = headers['webhook-gap'] === undefined ? 0 : Number(header(headers, 'webhook-gap'));
  const expected = signSequence({ id, timestamp, sequence: number, previousId, gap }, secrets);
  if (!matches(header(headers, 'webhook-sequence-signature'), expected)) {
    throw new VerificationFailed(
      'SIGNATURE_MISMATCH',
      'the place in the lane is not signed by this endpoint',
    );
  }
  return { number, previousId, gap };
}

function header(headers: ReceivedHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') {
    throw new VerificationFailed('HEADER_MISSING', `the header ${name} is missing`);
  }
  return value;
}
