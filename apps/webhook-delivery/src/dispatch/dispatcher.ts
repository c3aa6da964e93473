import { crashPoint, currentTraceparent, inSpan, type Logger } from '@casewire/telemetry';
import { attemptHeaders, delayAfter, dialects } from '@casewire/webhooks';
import { SpanKind } from '@opentelemetry/api';
import type { Dispatcher as HttpDispatcher } from 'undici';

import {
  leaseSeconds,
  type AttemptOutcome,
  type ClaimedHead,
  type LaneStore,
} from '../lanes/lane-store.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import type { Answer, OutgoingRequest } from './sender.ts';

/** Where a delivery goes, as of now: URL and secrets are those of the moment of the send. */
export interface Target {
  url: string;
  /** The newest first. */
  secrets: readonly Uint8Array[];
  http: HttpDispatcher;
}

export interface DispatcherOptions {
  owner: string;
  slots: number;
  lanes: LaneStore;
  outcomes: OutcomeWriter;
  targetOf: (head: ClaimedHead) => Target | undefined;
  send: (request: OutgoingRequest) => Promise<Answer>;
  now: () => Date;
  /** Milliseconds on a clock that only goes forward. */
  monotonic: () => number;
  random: () => number;
  /** Multiplies the waits of the retry schedules. */
  timeFactor: number;
  logger: Logger;
  /** How long to wait before looking for due lanes without being woken. */
  idleMs?: number;
}

/** What must be left of a lease when an answer can still come: time to write it down. */
const marginMs = 5000;
const longestPauseMs = 5000;

/** Claims due lanes as far as there are free slots, sends their heads, and has the outcomes written down. */
export class Dispatcher {
  private free: number;
  private running: Promise<void> | undefined;
  private stopped = false;
  private woken = Promise.withResolvers<void>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: DispatcherOptions) {
    this.free = options.slots;
  }

  start(): void {
    this.running = this.run();
  }

  /** Says that something may be due. */
  wake(): void {
    this.woken.resolve();
  }

  /** Claims nothing more, and waits for what is under way: nothing stays leased. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    this.options.outcomes.stop();
    await this.running;
    await Promise.all(this.underWay);
  }

  private async run(): Promise<void> {
    const { idleMs = 100, logger } = this.options;
    let failures = 0;
    while (!this.stopped) {
      this.woken = Promise.withResolvers<void>();
      try {
        const claimed = await this.claim();
        failures = 0;
        if (claimed > 0 && this.free > 0) continue;
      } catch (error) {
        failures++;
        logger.warn({ event: 'claim.failed', failures, error });
      }
      const pause = Math.min(
        idleMs * 2 ** Math.min(failures, 16),
        Math.max(idleMs, longestPauseMs),
      );
      const timer = setTimeout(() => this.wake(), pause);
      await this.woken.promise;
      clearTimeout(timer);
    }
  }

  private async claim(): Promise<number> {
    const { lanes, owner, monotonic } = this.options;
    if (this.free === 0) return 0;
    // Started before the claim: the lease lasts at least until this much later.
    const leaseEnds = monotonic() + leaseSeconds * 1000;
    const heads = await lanes.claim(owner, this.free);
    if (this.stopped) {
      await this.giveBack(heads);
      return 0;
    }
    for (const head of heads) {
      this.free--;
      const work = this.attempt(head, leaseEnds).finally(() => {
        this.free++;
        this.underWay.delete(work);
        this.wake();
      });
      this.underWay.add(work);
    }
    return heads.length;
  }

  private async attempt(head: ClaimedHead, leaseEnds: number): Promise<void> {
    const { outcomes, logger } = this.options;
    try {
      const options = { kind: SpanKind.CLIENT, traceparent: head.traceparent ?? undefined };
      const outcome = await inSpan('webhook delivery', options, () => this.post(head, leaseEnds));
      if (!outcome) {
        await this.giveBack([head]);
        return;
      }
      crashPoint('delivery.answered');
      await outcomes.write(outcome, leaseEnds);
      crashPoint('delivery.recorded');
      logger.info({
        event: 'delivery.attempted',
        eventId: head.eventId,
        endpointId: head.endpointId,
        attempt: head.attempt,
        verdict: outcome.verdict,
        status: outcome.status,
        error: outcome.error,
        durationMs: Math.round(outcome.durationMs),
      });
    } catch (error) {
      // The lease runs out, and the attempt counts.
      logger.error({
        event: 'delivery.broken',
        eventId: head.eventId,
        endpointId: head.endpointId,
        error,
      });
    }
  }

  /** @returns nothing where nothing was sent because the lease may end too soon */
  private async post(head: ClaimedHead, leaseEnds: number): Promise<AttemptOutcome | undefined> {
    const { send, now, monotonic, logger } = this.options;
    const { schedule, timeoutMs } = dialects[head.dialect];
    const startedAt = now();
    const unsent = (error: string) =>
      this.outcomeOf(head, { startedAt, durationMs: 0, headers: {}, answer: none(error) });
    // Attempts whose outcome was lost count: after a crash the schedule goes on where it was.
    if (head.attempt > schedule.delays.length + 1)
      return unsent('ATTEMPTS_EXHAUSTED: the last outcome was lost');
    if (monotonic() + timeoutMs + marginMs > leaseEnds) {
      logger.warn({ event: 'delivery.lease-too-short', eventId: head.eventId });
      return undefined;
    }
    let request: OutgoingRequest | undefined;
    try {
      request = this.requestOf(head, startedAt, timeoutMs);
    } catch (error) {
      // A secret that cannot be opened, say: it is tried again by the schedule, until somebody has mended it.
      logger.error({ event: 'delivery.not-sendable', eventId: head.eventId, error });
      return unsent('NOT_SENDABLE: the request could not be made');
    }
    if (!request) return unsent('ENDPOINT_UNKNOWN: no URL or secret');
    crashPoint('delivery.claimed');
    const began = monotonic();
    const answer = await send(request);
    const { headers } = request;
    return this.outcomeOf(head, { startedAt, durationMs: monotonic() - began, headers, answer });
  }

  private requestOf(
    head: ClaimedHead,
    startedAt: Date,
    timeoutMs: number,
  ): OutgoingRequest | undefined {
    const target = this.options.targetOf(head);
    if (!target) return undefined;
    const headers = {
      ...head.headers,
      ...attemptHeaders({
        eventId: head.eventId,
        body: head.body,
        timestamp: Math.floor(startedAt.getTime() / 1000),
        sequence: { number: Number(head.seq), previousId: head.previousId, gap: 0 },
        replay: null,
        secrets: target.secrets,
        traceparent: currentTraceparent(),
      }),
    };
    return { url: target.url, headers, body: head.body, timeoutMs, dispatcher: target.http };
  }

  private async giveBack(heads: readonly ClaimedHead[]): Promise<void> {
    if (heads.length === 0) return;
    const { lanes, owner, logger } = this.options;
    await lanes.release(owner, heads).catch((error: unknown) => {
      // Their leases run out.
      logger.warn({ event: 'release.failed', count: heads.length, error });
    });
  }

  private outcomeOf(
    head: ClaimedHead,
    {
      startedAt,
      durationMs,
      headers: requestHeaders,
      answer,
    }: {
      startedAt: Date;
      durationMs: number;
      headers: Record<string, string>;
      answer: Answer;
    },
  ): AttemptOutcome {
    const { random, timeFactor } = this.options;
    // Delivered if and only if the endpoint answered 2xx.
    const delivered = answer.status !== null && answer.status >= 200 && answer.status < 300;
    const { schedule } = dialects[head.dialect];
    const delay = delivered ? null : delayAfter(schedule, head.attempt, random());
    return {
      laneId: head.laneId,
      epoch: head.epoch,
      deliveryId: head.deliveryId,
      attempt: head.attempt,
      verdict: delivered ? 'delivered' : delay === null ? 'exhausted' : 'failed',
      delayMs: (delay ?? 0) * timeFactor,
      startedAt,
      durationMs,
      requestHeaders,
      status: answer.status,
      responseHeaders: answer.headers,
      responseBody: answer.body,
      error: answer.error ?? (delivered ? null : `HTTP_${answer.status}`),
    };
  }
}

const none = (error: string): Answer => ({ status: null, headers: null, body: null, error });
