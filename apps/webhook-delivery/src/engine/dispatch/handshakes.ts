import { handshakeResult, handshakeHeaders, type HandshakeRequest } from '@casewire/webhooks';

import type { ClaimedHead } from '../../model/lane-store.ts';
import type { Target } from '../../model/target.ts';
import type { SendResult, OutgoingRequest } from './sender.ts';

/** What a destination said when it was asked whether it may be sent to. */
export type Consent =
  | { granted: true; headers: Record<string, string> }
  /** Begins with a stable code. */
  | { granted: false; error: string };

export interface HandshakeOptions {
  /** A DNS name that stands for this platform. */
  origin: string;
  send: (request: OutgoingRequest) => Promise<SendResult>;
  /** Requests per second that the endpoint is set to; null: no limit. */
  rateOf: (head: ClaimedHead) => number | null;
  /** Notes what the destination allows; null: as many as we like. */
  allow: (destinationId: string, ratePerSecond: number | null) => Promise<void>;
  monotonic: () => number;
}

const timeoutMs = 5000;
const consentLastsMs = 24 * 60 * 60 * 1000;
const mostRemembered = 10_000;

/**
 * CloudEvents' handshake (HTTP 1.1 Web Hooks for Event Delivery, 4): a target is asked by OPTIONS before it is sent
 * anything. Consent is remembered for a day; who did not give it is asked again at the next attempt.
 */
export class Handshakes {
  private readonly given = new Map<string, { consent: Promise<Consent>; until: number }>();

  constructor(private readonly options: HandshakeOptions) {}

  consentOf(head: ClaimedHead, target: Target): Promise<Consent> {
    const name = `${head.destinationId} ${target.url}`;
    const now = this.options.monotonic();
    const known = this.given.get(name);
    if (known && known.until > now) return known.consent;
    const consent = this.ask(head, target);
    this.given.set(name, { consent, until: now + consentLastsMs });
    const forget = () => this.given.delete(name);
    consent.then(({ granted }) => granted || forget(), forget);
    for (const oldest of this.given.keys()) {
      if (this.given.size <= mostRemembered) break;
      this.given.delete(oldest);
    }
    return consent;
  }

  private async ask(head: ClaimedHead, { url, http }: Target): Promise<Consent> {
    const { origin, send, rateOf, allow } = this.options;
    const wanted: HandshakeRequest = { origin, ratePerSecond: rateOf(head) };
    const answer = await send({
      method: 'OPTIONS',
      url,
      headers: handshakeHeaders(wanted),
      body: Buffer.alloc(0),
      timeoutMs,
      dispatcher: http,
    });
    if (answer.error !== null)
      return { granted: false, error: `HANDSHAKE_FAILED: ${answer.error}` };
    const said = handshakeResult(wanted, answer.headers ?? {});
    if (!said.granted) return { granted: false, error: `HANDSHAKE_REFUSED: ${said.reason}` };
    await allow(head.destinationId, said.ratePerSecond);
    return { granted: true, headers: { 'webhook-request-origin': origin } };
  }
}
