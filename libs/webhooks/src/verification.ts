import { decodeSecret } from './secret.ts';
import { matches, sign, signSequence } from './signature.ts';

export type VerificationFault =
  /** What was given is no string and no bytes: a parser was there before. */
  | 'BODY_NOT_RAW'
  | 'SECRET_MISSING'
  | 'HEADER_MISSING'
  | 'HEADER_REPEATED'
  | 'TIMESTAMP_INVALID'
  | 'TIMESTAMP_TOO_OLD'
  | 'TIMESTAMP_IN_THE_FUTURE'
  | 'SIGNATURE_MISMATCH'
  | 'SEQUENCE_INVALID'
  /** Only where a place in a lane is asked for. */
  | 'SEQUENCE_MISSING';

export class VerificationFailed extends Error {
  constructor(
    readonly code: VerificationFault,
    message: string,
  ) {
    super(message);
  }
}

/** The bytes of a request's body as they came; a string stands for its UTF-8. */
export type RawBody = Uint8Array | string;

/** `whsec_...` as it is shown, or its bytes. */
export type Secret = string | Uint8Array;

/** As Node, Express, Fastify and Lambda have them, or as fetch has them; names in any case. */
export type ReceivedHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null };

export interface Verified {
  id: string;
  /** Unix time of the attempt, in seconds. */
  timestamp: number;
  /** Present where the sender put the event in a lane and signed its place. */
  sequence?: {
    number: number;
    /** The event before it in its lane; empty for the first. */
    previousId: string;
    /** Events directly before it that were given up. */
    gap: number;
  };
}

export interface VerificationOptions {
  /** How far the sender's clock may be off, in seconds. */
  toleranceSeconds?: number;
  now?: () => Date;
  /** Refuses what has no place in a lane: the signature of the body does not say that there was none. */
  requireSequence?: boolean;
}

/**
 * Verifies a request as Standard Webhooks says: the signature over the raw body, and a timestamp that is close to now.
 * Where the request carries a place in a lane, that is verified as well.
 * @param rawBody the bytes as they came, before any parser
 * @param secrets the endpoint's secret; two while it is being rotated
 * @throws VerificationFailed with a code that says what is wrong
 * @throws SecretInvalid where a secret cannot be one
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
  if (!matches(signature, sign({ id, timestamp, body }, keys))) {
    throw new VerificationFailed(
      'SIGNATURE_MISMATCH',
      'no signature is by a secret of this endpoint',
    );
  }
  const number = header('webhook-sequence');
  if (number !== undefined) {
    return { id, timestamp, sequence: verifiedSequence(header, id, timestamp, number, keys) };
  }
  if (requireSequence) {
    throw new VerificationFailed('SEQUENCE_MISSING', 'the request has no place in a lane');
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
  if (!matches(required(header, 'webhook-sequence-signature'), expected)) {
    throw new VerificationFailed(
      'SIGNATURE_MISMATCH',
      'the place in the lane is not signed by this endpoint',
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
    'the body must be the bytes as they came (a Buffer, a Uint8Array or a string), not what a parser made of them',
  );
}

function timestampOf(text: string, toleranceSeconds: number, now: Date): number {
  if (!/^\d{1,12}$/.test(text)) {
    throw new VerificationFailed('TIMESTAMP_INVALID', 'webhook-timestamp is no Unix time');
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
  throw new VerificationFailed('SEQUENCE_INVALID', `${name} is no whole number`);
}

type HeaderReader = (name: string) => string | undefined;

/** Names of headers know no case. Two headers of one name could be read one way here and another way elsewhere: refused. */
function headerReader(headers: ReceivedHeaders): HeaderReader {
  // fetch joins what is repeated by a comma, which no id, number or signature of ours contains.
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
      throw new VerificationFailed('HEADER_REPEATED', `the header ${name} is there twice`);
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
