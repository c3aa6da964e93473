/** What a sender requests of a target before it delivers: CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery", 4.1. */
export interface HandshakeRequest {
  /** The DNS name of the sending system. */
  origin: string;
  /** Requested rate in requests per second; null: no rate is requested. */
  ratePerSecond: number | null;
}

export type HandshakeRefusal =
  | 'ORIGIN_MISSING'
  | 'ORIGIN_NOT_ALLOWED'
  /** Neither `*` nor a whole number above zero. */
  | 'RATE_INVALID';

export type HandshakeResult =
  | {
      granted: true;
      /** Allowed rate in requests per second; null: no limit. */
      ratePerSecond: number | null;
    }
  | { granted: false; reason: HandshakeRefusal };

const dnsName =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * The headers of the OPTIONS request. After consent every delivery carries the same `webhook-request-origin` as well. The
 * rate is requested in whole requests per minute, at least one.
 * @throws RangeError where the origin is not a DNS name or the rate is not above zero
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
 * Reads the response to the handshake. Only its headers count: many servers answer every OPTIONS request with 200 or 204,
 * so a status is neither consent nor refusal. Consent is WebHook-Allowed-Origin with the requested origin (compared without
 * regard to case) or `*`. Without WebHook-Allowed-Rate the requested rate is allowed; a rate that cannot be read is no
 * consent.
 * @param headers of the response, names in lower case
 */
export function handshakeResult(
  { origin, ratePerSecond }: HandshakeRequest,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): HandshakeResult {
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

/** A header that is repeated contradicts itself: it counts as empty. */
const single = (value: string | string[] | undefined): string | undefined => {
  const values = [value].flat();
  return values.length > 1 ? '' : values[0]?.trim();
};
