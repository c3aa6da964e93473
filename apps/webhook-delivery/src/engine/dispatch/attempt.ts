import type { DialectName } from '@casewire/contracts';
import { crashPoint, type Logger } from '@casewire/telemetry';
import { delayAfter, dialects, type Dialect, type RetrySchedule } from '@casewire/webhooks';

import { caseErasedType, errorCodeOf } from '../../model/case-erased.ts';
import type { FailurePolicy } from '../../model/failure-policy.ts';
import type { AttemptResult, ClaimedHead, AttemptOutcome } from '../../model/lane-store.ts';
import { recordMarginMs } from '../../model/lease.ts';
import type { Target } from '../../model/target.ts';
import { attemptRequest, type AttemptRequest } from './attempt-request.ts';
import type { Consent } from './handshakes.ts';
import { retryAfterMs } from './retry-after.ts';
import type { SendResult, OutgoingRequest } from './sender.ts';

export interface AttemptOptions {
  /** @returns nothing where the URL or the secret is not known */
  targetOf: (head: ClaimedHead) => Target | undefined;
  policyOf: (head: ClaimedHead) => FailurePolicy;
  send: (request: OutgoingRequest) => Promise<SendResult>;
  /** Asks destinations of dialects with a handshake whether they may be sent to; without it none is asked. */
  consentOf?: (head: ClaimedHead, target: Target) => Promise<Consent>;
  now: () => Date;
  /** Milliseconds on a clock that only goes forward. */
  monotonic: () => number;
  random: () => number;
  /** Multiplies the waits of the retry schedules. */
  timeFactor: number;
  logger: Logger;
  dialects?: Readonly<Record<DialectName, Dialect>>;
}

/** How far a schedule that is an endpoint's own is left to chance. */
const jitter = 0.1;

/** Answers with which a Retry-After is meant for the whole endpoint, and not for this request alone. */
const asksToWait = new Set([429, 503]);

/** Sends heads, and decides what becomes of them. */
export class Attempts {
  constructor(private readonly options: AttemptOptions) {}

  /** @returns nothing where nothing was sent because the lease may end too soon */
  async make(head: ClaimedHead, leaseEnds: number): Promise<AttemptResult | undefined> {
    const { send, now, monotonic, logger } = this.options;
    const startedAt = now();
    if (head.fault !== null) return this.unsent(head, startedAt, head.fault, 'final');
    // Attempts whose outcome was lost count: after a crash the schedule goes on where it was.
    if (head.attempt > this.scheduleOf(head).delays.length + 1)
      return this.unsent(head, startedAt, 'ATTEMPTS_EXHAUSTED: the last outcome was lost', 'final');
    if (!this.mayStillBeSent(head, leaseEnds)) return undefined;
    let made: AttemptRequest;
    try {
      const target = this.options.targetOf(head);
      if (!target) return this.unsent(head, startedAt, 'ENDPOINT_UNKNOWN: no URL or secret');
      const consent = await this.consentOf(head, target);
      if (!consent.granted) return { ...this.unsent(head, startedAt, consent.error), sent: true };
      // What was asked for took its time.
      if (!this.mayStillBeSent(head, leaseEnds)) return undefined;
      made = attemptRequest(this.dialectOf(head), head, target, startedAt, consent.headers);
    } catch (error) {
      // A secret that cannot be opened, say: it is tried again by the schedule, until somebody has mended it.
      logger.error({ event: 'delivery.not-sendable', eventId: head.eventId, error });
      return this.unsent(head, startedAt, 'NOT_SENDABLE: the request could not be made');
    }
    crashPoint('delivery.claimed');
    const began = monotonic();
    const answer = await send(made.request);
    return this.answered(head, startedAt, monotonic() - began, made, answer);
  }

  private mayStillBeSent(head: ClaimedHead, leaseEnds: number): boolean {
    const { monotonic, logger } = this.options;
    if (monotonic() + this.dialectOf(head).timeoutMs + recordMarginMs <= leaseEnds) return true;
    logger.warn({ event: 'delivery.lease-too-short', eventId: head.eventId });
    return false;
  }

  private async consentOf(head: ClaimedHead, target: Target): Promise<Consent> {
    const { consentOf } = this.options;
    return consentOf && this.dialectOf(head).handshake === true
      ? consentOf(head, target)
      : { granted: true, headers: {} };
  }

  private unsent(
    head: ClaimedHead,
    startedAt: Date,
    error: string,
    finality?: 'final',
  ): AttemptResult {
    const delay = finality === 'final' ? null : this.delayAfter(head);
    return {
      ...identityOf(head),
      outcome: this.verdictOf(head, false, delay),
      delayMs: delay ?? 0,
      sent: false,
      requestedPauseMs: 0,
      startedAt,
      durationMs: 0,
      requestHeaders: {},
      requestBody: null,
      status: null,
      ...said(head, { headers: null, body: null, error }),
    };
  }

  private answered(
    head: ClaimedHead,
    startedAt: Date,
    durationMs: number,
    { storedHeaders, storedBody }: AttemptRequest,
    { status, headers, body, error }: SendResult,
  ): AttemptResult {
    // Delivered if and only if the endpoint answered 2xx.
    const delivered = status !== null && status >= 200 && status < 300;
    const delay = delivered ? null : this.delayAfter(head);
    const retryAfter = delivered ? 0 : retryAfterMs(headers?.['retry-after'], this.options.now());
    return {
      ...identityOf(head),
      outcome: this.verdictOf(head, delivered, delay),
      // The later of what the schedule says and what the endpoint asked for.
      delayMs: delay === null ? 0 : Math.max(delay, retryAfter),
      sent: true,
      requestedPauseMs: status !== null && asksToWait.has(status) ? retryAfter : 0,
      startedAt,
      durationMs,
      requestHeaders: storedHeaders,
      requestBody: storedBody,
      status,
      ...said(head, { headers, body, error: error ?? (delivered ? null : `HTTP_${status}`) }),
    };
  }

  private verdictOf(head: ClaimedHead, delivered: boolean, delay: number | null): AttemptOutcome {
    if (delivered) return 'delivered';
    if (delay !== null) return 'failed';
    return this.options.policyOf(head).onExhausted === 'block' ? 'blocked' : 'exhausted';
  }

  private dialectOf({ dialect }: ClaimedHead): Dialect {
    return (this.options.dialects ?? dialects)[dialect];
  }

  private scheduleOf(head: ClaimedHead): RetrySchedule {
    const { delays } = this.options.policyOf(head);
    return delays ? { delays, jitter } : this.dialectOf(head).schedule;
  }

  /** @returns milliseconds; null after the last attempt */
  private delayAfter(head: ClaimedHead): number | null {
    const { random, timeFactor } = this.options;
    const delay = delayAfter(this.scheduleOf(head), head.attempt, random());
    return delay === null ? null : delay * timeFactor;
  }
}

/** What is kept of an answer. To the notice of an erasure nothing is: it speaks of what was erased a moment before. */
function said(
  { eventType }: ClaimedHead,
  { headers, body, error }: Omit<SendResult, 'status'>,
): Pick<AttemptResult, 'responseHeaders' | 'responseBody' | 'error'> {
  return eventType === caseErasedType
    ? { responseHeaders: null, responseBody: null, error: errorCodeOf(error) }
    : { responseHeaders: headers, responseBody: body, error };
}

const identityOf = ({ laneId, epoch, deliveryId, attempt }: ClaimedHead) => ({
  laneId,
  epoch,
  deliveryId,
  attempt,
});
