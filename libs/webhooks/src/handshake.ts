/** What a sender asks of a target before it delivers: CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery", 4.1. */
export interface HandshakeRequest {
  /** A DNS name that stands for the whole sending system. */
  origin: string;
  /** Requests per second that are wanted; null: no rate is asked for. */
  ratePerSecond: number | null;
}

export type HandshakeRefusal =
  | 'ORIGIN_MISSING'
  | 'ORIGIN_NOT_ALLOWED'
  /** Neither `*` nor a whole number above zero. */
  | 'RATE_INVALID';

export type HandshakeAnswer =
  | {
      granted: true;
      /** Requests per second that are allowed; null: as many as the sender likes. */
      ratePerSecond: number | null;
    }
  | { granted: false; reason: HandshakeRefusal };

const dnsName =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * The headers of the OPTIONS request. After consent every delivery carries `webhook-request-origin` as well, with the
 * same value. A rate is asked for in whole requests per minute, at least one.
 * @throws RangeError where the origin is no DNS name or the rate is not above zero
 */
export function handshakeHeaders({
  origin,
  ratePerSecond,
}: HandshakeRequest): Record<string, string> {
  if (!dnsName.test(origin)) throw new RangeError(`origin must be a DNS name, not "${origin}"`);
  if (ratePerSecond === null) return { 'webhook-request-origin': origin };
  if (!(ratePerSecond > 0 && Number.isFinite(ratePerSecond))) {
    throw new RangeError('ratePerSecond must be a number above 0');
  }
  return {
    'webhook-request-origin': origin,
    'webhook-request-rate': `${Math.max(1, Math.floor(ratePerSecond * 60))}`,
  };
}

/**
 * What the answer to the handshake means. Only its headers count: many servers answer OPTIONS with 200 or 204 and mean
 * nothing by it, so no status is consent and none is refusal. Consent is WebHook-Allowed-Origin with our origin (names
 * of hosts know no case) or `*`. A rate that is missing allows what was asked for and no more; one that cannot be read
 * is no consent.
 * @param headers of the answer, names in lower case
 */
export function handshakeAnswer(
  { origin, ratePerSecond }: HandshakeRequest,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): HandshakeAnswer {
  const allowed = single(headers['webhook-allowed-origin']);
  if (!allowed) return { granted: false, reason: 'ORIGIN_MISSING' };
  if (allowed !== '*' && allowed.toLowerCase() !== origin.toLowerCase()) {
    return { granted: false, reason: 'ORIGIN_NOT_ALLOWED' };
  }
  const rate = single(headers['webhook-allowed-rate']);
  if (rate === undefined) return { granted: true, ratePerSecond };
  if (rate === '*') return { granted: true, ratePerSecond: null };
  if (!/^[1-9]\d{0,8}$/.test(rate)) return { granted: false, reason: 'RATE_INVALID' };
  return { granted: true, ratePerSecond: Number(rate) / 60 };
}

/** Two values of one of these headers contradict each other: that is no statement, and reads as an empty one. */
const single = (value: string | string[] | undefined): string | undefined => {
  const values = [value].flat();
  return values.length > 1 ? '' : values[0]?.trim();
};
