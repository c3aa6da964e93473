import type { DialectName } from '@casewire/contracts';
import { crashPoint, type Logger } from '@casewire/telemetry';
import { delayAfter, dialects, type Dialect, type RetrySchedule } from '@casewire/webhooks';

import { erasingTypes } from '../../model/erasing-types.ts';
import { errorCodeOf } from '../../model/error-code.ts';
import type { FailurePolicy } from '../../model/failure-policy.ts';
import type { AttemptResult, ClaimedHead, AttemptOutcome } from '../../model/lane-store.ts';
import { recordMarginMs } from '../../model/lease.ts';
import type { Target } from '../../model/target.ts';
import { attemptRequest, type AttemptRequest } from './attempt-request.ts';
import type { Consent } from './handshakes.ts';
import { retryAfterMs } from './retry-after.ts';
import type { SendResult, OutgoingRequest } from './sender.ts';

export interface AttemptOptions {
  /** @returns undefined if the URL or the secret is unknown */
  targetOf: (head: ClaimedHead) => Target | undefined;
  policyOf: (head: ClaimedHead) => FailurePolicy;
  send: (request: OutgoingRequest) => Promise<SendResult>;
  /** The handshake, for dialects that have one; without it no handshake is made. */
  consentOf?: (head: ClaimedHead, target: Target) => Promise<Consent>;
  now: () => Date;
  /** Milliseconds on a monotonic clock. */
  monotonic: () => number;
  /** Random numbers in [0, 1): vary the delays of retries. */
  random: () => number;
  /** Multiplies the delays of the retry schedules. */
  timeFactor: number;
  logger: Logger;
  dialects?: Readonly<Record<DialectName, Dialect>>;
}

/** The random part of a delay in an endpoint's own schedule. */
const jitter = 0.1;

/** Statuses with which Retry-After applies to the whole destination, not only to this lane. */
const pausesDestination = new Set([429, 503]);

/** Sends heads and decides on the outcome. */
export class Attempts {
  constructor(private readonly options: AttemptOptions) {}

  /** @returns undefined if nothing was sent because the lease may end too early */
  async make(head: ClaimedHead, leaseEnds: number): Promise<AttemptResult | undefined> {
    const { send, now, monotonic, logger } = this.options;
    const startedAt = now();
    if (head.fault !== null) return this.notSent(head, startedAt, head.fault, 'final');
    // Attempts whose result was lost count: after a crash the schedule continues where it was.
    if (head.attempt > this.scheduleOf(head).delays.length + 1)
      return this.notSent(head, startedAt, 'ATTEMPTS_EXHAUSTED: the last result was lost', 'final');
    if (!this.leaseSuffices(head, leaseEnds)) return undefined;
    let attempt: AttemptRequest;
    try {
      const target = this.options.targetOf(head);
      if (!target) return this.notSent(head, startedAt, 'ENDPOINT_UNKNOWN: no URL or secret');
      const consent = await this.consentOf(head, target);
      if (!consent.granted) return { ...this.notSent(head, startedAt, consent.error), sent: true };
      // The handshake may have used up too much of the lease.
      if (!this.leaseSuffices(head, leaseEnds)) return undefined;
      attempt = attemptRequest(this.dialectOf(head), head, target, startedAt, consent.headers);
    } catch (error) {
      // For example a secret that cannot be opened: retried by the schedule, until an operator has repaired it.
      logger.error({ event: 'delivery.not-sendable', eventId: head.eventId, error });
      return this.notSent(head, startedAt, 'NOT_SENDABLE: the request could not be made');
    }
    crashPoint('delivery.claimed');
    const began = monotonic();
    const response = await send(attempt.request);
    return this.sent(head, startedAt, monotonic() - began, attempt, response);
  }

  private leaseSuffices(head: ClaimedHead, leaseEnds: number): boolean {
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

  private notSent(
    head: ClaimedHead,
    startedAt: Date,
    error: string,
    finality?: 'final',
  ): AttemptResult {
    const delay = finality === 'final' ? null : this.delayAfter(head);
    return {
      ...identityOf(head),
      outcome: this.outcomeOf(head, false, delay),
      delayMs: delay ?? 0,
      sent: false,
      requestedPauseMs: 0,
      startedAt,
      durationMs: 0,
      requestHeaders: {},
      requestBody: null,
      status: null,
      ...storedResponse(head, { headers: null, body: null, error }),
    };
  }

  private sent(
    head: ClaimedHead,
    startedAt: Date,
    durationMs: number,
    { storedHeaders, storedBody }: AttemptRequest,
    { status, headers, body, error }: SendResult,
  ): AttemptResult {
    // Delivered if and only if the response is 2xx.
    const delivered = status !== null && status >= 200 && status < 300;
    const delay = delivered ? null : this.delayAfter(head);
    const retryAfter = delivered ? 0 : retryAfterMs(headers?.['retry-after'], this.options.now());
    return {
      ...identityOf(head),
      outcome: this.outcomeOf(head, delivered, delay),
      // The later of the schedule and Retry-After.
      delayMs: delay === null ? 0 : Math.max(delay, retryAfter),
      sent: true,
      requestedPauseMs: status !== null && pausesDestination.has(status) ? retryAfter : 0,
      startedAt,
      durationMs,
      requestHeaders: storedHeaders,
      requestBody: storedBody,
      status,
      ...storedResponse(head, {
        headers,
        body,
        error: error ?? (delivered ? null : `HTTP_${status}`),
      }),
    };
  }

  private outcomeOf(head: ClaimedHead, delivered: boolean, delay: number | null): AttemptOutcome {
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

/** The part of a response that is stored. Of a response to an erasure only the error code: it may contain what was erased. */
function storedResponse(
  { eventType }: ClaimedHead,
  { headers, body, error }: Omit<SendResult, 'status'>,
): Pick<AttemptResult, 'responseHeaders' | 'responseBody' | 'error'> {
  return erasingTypes.has(eventType)
    ? { responseHeaders: null, responseBody: null, error: errorCodeOf(error) }
    : { responseHeaders: headers, responseBody: body, error };
}

const identityOf = ({ laneId, epoch, deliveryId, attempt }: ClaimedHead) => ({
  laneId,
  epoch,
  deliveryId,
  attempt,
});
