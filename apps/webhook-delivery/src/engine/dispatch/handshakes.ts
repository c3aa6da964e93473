import { handshakeResult, handshakeHeaders, type HandshakeRequest } from '@casewire/webhooks';

import type { ClaimedHead } from '../../model/lane-store.ts';
import type { Target } from '../../model/target.ts';
import type { SendResult, OutgoingRequest } from './sender.ts';

/** The result of a handshake. */
export type Consent =
  | { granted: true; headers: Record<string, string> }
  /** Begins with a stable code. */
  | { granted: false; error: string };

export interface HandshakeOptions {
  /** The DNS name of this platform in the handshake. */
  origin: string;
  send: (request: OutgoingRequest) => Promise<SendResult>;
  /** The endpoint's configured requests per second; null: no limit. */
  rateOf: (head: ClaimedHead) => number | null;
  /** Stores the rate that the destination allows; null: no limit. */
  allow: (destinationId: string, ratePerSecond: number | null) => Promise<void>;
  monotonic: () => number;
}

const timeoutMs = 5000;
const consentMs = 24 * 60 * 60 * 1000;
const maxRemembered = 10_000;

/**
 * The handshake of CloudEvents (HTTP 1.1 Web Hooks for Event Delivery, 4): an OPTIONS request before the first event. Consent is
 * remembered for a day; without consent the next attempt makes the handshake again.
 */
export class Handshakes {
  private readonly consents = new Map<string, { consent: Promise<Consent>; until: number }>();

  constructor(private readonly options: HandshakeOptions) {}

  consentOf(head: ClaimedHead, target: Target): Promise<Consent> {
    const key = `${head.destinationId} ${target.url}`;
    const now = this.options.monotonic();
    const known = this.consents.get(key);
    if (known && known.until > now) return known.consent;
    const consent = this.request(head, target);
    this.consents.set(key, { consent, until: now + consentMs });
    const forget = () => this.consents.delete(key);
    consent.then(({ granted }) => granted || forget(), forget);
    for (const oldest of this.consents.keys()) {
      if (this.consents.size <= maxRemembered) break;
      this.consents.delete(oldest);
    }
    return consent;
  }

  private async request(head: ClaimedHead, { url, http }: Target): Promise<Consent> {
    const { origin, send, rateOf, allow } = this.options;
    const request: HandshakeRequest = { origin, ratePerSecond: rateOf(head) };
    const response = await send({
      method: 'OPTIONS',
      url,
      headers: handshakeHeaders(request),
      body: Buffer.alloc(0),
      timeoutMs,
      dispatcher: http,
    });
    if (response.error !== null)
      return { granted: false, error: `HANDSHAKE_FAILED: ${response.error}` };
    const answer = handshakeResult(request, response.headers ?? {});
    if (!answer.granted) return { granted: false, error: `HANDSHAKE_REFUSED: ${answer.reason}` };
    await allow(head.destinationId, answer.ratePerSecond);
    return { granted: true, headers: { 'webhook-request-origin': origin } };
  }
}
