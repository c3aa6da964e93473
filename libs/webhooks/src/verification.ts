import { decodeSecret } from './secret.ts';
import { signatureMatches, sign, signSequence } from './signature.ts';

export type VerificationFault =
  /** The body is neither a string nor bytes: a parser has replaced it. */
  | 'BODY_NOT_RAW'
  | 'SECRET_MISSING'
  | 'HEADER_MISSING'
  | 'HEADER_REPEATED'
  | 'TIMESTAMP_INVALID'
  | 'TIMESTAMP_TOO_OLD'
  | 'TIMESTAMP_IN_THE_FUTURE'
  | 'SIGNATURE_MISMATCH'
  | 'SEQUENCE_INVALID'
  /** Only with `requireSequence`. */
  | 'SEQUENCE_MISSING';

export class VerificationFailed extends Error {
  constructor(
    readonly code: VerificationFault,
    message: string,
  ) {
    super(message);
  }
}

/** The bytes of a request's body as received; a string counts as its UTF-8 bytes. */
export type RawBody = Uint8Array | string;

/** A secret: the text `whsec_...`, or its bytes. */
export type Secret = string | Uint8Array;

/** Headers as Node, Express, Fastify and Lambda represent them, or a `Headers` object of fetch; names in any case. */
export type ReceivedHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null };

export interface Verified {
  id: string;
  /** Unix time of the attempt, in seconds. */
  timestamp: number;
  /** The event's position in its lane; absent where the request has none. */
  sequence?: {
    number: number;
    /** The id of the previous event in its lane; empty for the first. */
    previousId: string;
    /** Events directly before it that were given up. */
    gap: number;
  };
}

export interface VerificationOptions {
  /** Maximum difference between the sender's and the receiver's clock, in seconds; default 300. */
  toleranceSeconds?: number;
  now?: () => Date;
  /**
   * Refuses requests without a position in a lane. An attacker can remove the sequence headers, because the signature of the
   * body does not cover them.
   */
  requireSequence?: boolean;
}

/**
 * Verifies a request as Standard Webhooks requires: the signature of the raw body, and a timestamp close to the present.
 * Where the request has a position in a lane, the signature of the position is verified as well.
 * @param rawBody the bytes as received, before any parser
 * @param secrets the endpoint's secret; both secrets during a rotation
 * @throws VerificationFailed with a code for the reason
 * @throws SecretInvalid where a secret is malformed
 */
export function verify(
  rawBody: RawBody,
  headers: ReceivedHeaders,
  secrets: Secret | readonly Secret[],
  options: VerificationOptions = {},
): Verified {
  const { toleranceSeconds = 300, now = () => new Date(), requireSequence = false } = options;
  const keys = keysOf(secrets);
  const body = bytesOf(rawBody);
  const header = headerReader(headers);
  const id = required(header, 'webhook-id');
  const timestamp = timestampOf(required(header, 'webhook-timestamp'), toleranceSeconds, now());
  const signature = required(header, 'webhook-signature');
  if (!signatureMatches(signature, sign({ id, timestamp, body }, keys))) {
    throw new VerificationFailed(
      'SIGNATURE_MISMATCH',
      'no signature was made with a secret of this endpoint',
    );
  }
  const number = header('webhook-sequence');
  if (number !== undefined) {
    return { id, timestamp, sequence: verifiedSequence(header, id, timestamp, number, keys) };
  }
  if (requireSequence) {
    throw new VerificationFailed('SEQUENCE_MISSING', 'the request has no position in a lane');
  }
  return { id, timestamp };
}

function verifiedSequence(
  header: HeaderReader,
  id: string,
  timestamp: number,
  number: string,
  keys: readonly Uint8Array[],
): NonNullable<Verified['sequence']> {
  const sequence = wholeNumber('webhook-sequence', number);
  const previousId = header('webhook-previous-id') ?? '';
  const gap = wholeNumber('webhook-gap', header('webhook-gap') ?? '0');
  const expected = signSequence({ id, timestamp, sequence, previousId, gap }, keys);
  if (!signatureMatches(required(header, 'webhook-sequence-signature'), expected)) {
    throw new VerificationFailed(
      'SIGNATURE_MISMATCH',
      'the position in the lane was not signed with a secret of this endpoint',
    );
  }
  return { number: sequence, previousId, gap };
}

function keysOf(secrets: Secret | readonly Secret[]): Uint8Array[] {
  const list = typeof secrets === 'string' || secrets instanceof Uint8Array ? [secrets] : secrets;
  if (list.length === 0) throw new VerificationFailed('SECRET_MISSING', 'there is no secret');
  return list.map((secret) => (typeof secret === 'string' ? decodeSecret(secret) : secret));
}

function bytesOf(rawBody: RawBody): Uint8Array {
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  if (rawBody instanceof Uint8Array) return rawBody;
  throw new VerificationFailed(
    'BODY_NOT_RAW',
    'the body must be the bytes as received (a Buffer, a Uint8Array or a string), not the result of a parser',
  );
}

function timestampOf(text: string, toleranceSeconds: number, now: Date): number {
  if (!/^\d{1,12}$/.test(text)) {
    throw new VerificationFailed('TIMESTAMP_INVALID', 'webhook-timestamp is not a Unix time');
  }
  const timestamp = Number(text);
  const age = now.getTime() / 1000 - timestamp;
  if (age > toleranceSeconds) {
    throw new VerificationFailed('TIMESTAMP_TOO_OLD', `the request is ${Math.round(age)} s old`);
  }
  if (age < -toleranceSeconds) {
    throw new VerificationFailed('TIMESTAMP_IN_THE_FUTURE', 'the request is from the future');
  }
  return timestamp;
}

function wholeNumber(name: string, text: string): number {
  if (/^(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  throw new VerificationFailed('SEQUENCE_INVALID', `${name} is not a whole number`);
}

type HeaderReader = (name: string) => string | undefined;

/**
 * Reads headers regardless of the case of their names. A repeated header is refused: another component could read the other
 * value.
 */
function headerReader(headers: ReceivedHeaders): HeaderReader {
  // fetch joins repeated headers with a comma, which no valid id, number or signature contains.
  if (isFetched(headers)) return (name) => headers.get(name) ?? undefined;
  const values = new Map<string, string[]>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    values.set(key, [...(values.get(key) ?? []), ...[value].flat()]);
  }
  return (name) => {
    const [value, ...others] = values.get(name) ?? [];
    if (others.length > 0) {
      throw new VerificationFailed('HEADER_REPEATED', `the header ${name} is repeated`);
    }
    return value;
  };
}

const isFetched = (headers: ReceivedHeaders): headers is { get(name: string): string | null } =>
  typeof headers.get === 'function';

function required(header: HeaderReader, name: string): string {
  const value = header(name);
  if (!value) throw new VerificationFailed('HEADER_MISSING', `the header ${name} is missing`);
  return value;
}
