import { crashPoint, inSpan } from '@casewire/telemetry';
import { SpanKind } from '@opentelemetry/api';

import type { AttemptMetrics } from '../../metrics/attempt-metrics.ts';
import type { ClaimedHead, IngestBatch, IngestResult, LaneStore } from '../../model/lane-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import { systemTimer, type Timer } from '../../model/timer.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import { Attempts, type AttemptOptions } from './attempt.ts';

export interface DispatcherOptions extends AttemptOptions {
  leaseHolder: string;
  slots: number;
  store: Pick<LaneStore, 'ingest' | 'claim' | 'release'>;
  attemptWriter: AttemptWriter;
  /** Milliseconds between claims without a `wake`. Default: 100. */
  idleMs?: number;
  timer?: Timer;
  metrics?: AttemptMetrics;
}

/** The longest pause after failed claims. */
const maxPauseMs = 5000;
/** The most slots that one ingest may use: a large batch takes long, and other due lanes must not wait for it. */
const maxLentSlots = 32;
/** The share of the slots that claims leave to ingests: their events are then sent without another claim. */
const reservedForIngests = 1 / 8;
/** If more lanes are due than slots are free, the next claim waits for a quarter of the slots, and no longer than this. */
const maxWaitForSlotsMs = 10;

/** Claims due lanes for its free slots, sends their heads and passes the results to the attempt writer. */
export class Dispatcher {
  private free: number;
  private running: Promise<void> | undefined;
  private stopped = false;
  /** Whether the last claim filled all slots it had: more lanes may be due. */
  private lastClaimFull = false;
  private readonly attempts: Attempts;
  private woken = Promise.withResolvers<void>();
  private readonly inFlight = new Set<Promise<void>>();

  constructor(private readonly options: DispatcherOptions) {
    this.free = options.slots;
    this.attempts = new Attempts(options);
  }

  /** The requests under way. */
  get underWay(): number {
    return this.inFlight.size;
  }

  start(): void {
    this.running = this.run();
  }

  /** Starts a claim soon: a lane may be due. */
  wake(): void {
    this.woken.resolve();
  }

  /** Claims nothing more and waits for the attempts in flight: no lane stays leased. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    this.options.attemptWriter.stop();
    await this.running;
    await Promise.all(this.inFlight);
  }

  private async run(): Promise<void> {
    const { idleMs = 100, logger, timer = systemTimer } = this.options;
    let failures = 0;
    while (!this.stopped) {
      this.woken = Promise.withResolvers<void>();
      try {
        const claimed = await this.claim();
        failures = 0;
        if (claimed > 0 && this.claimable > 0) continue;
        if (claimed > 0) {
          await this.untilSlotsAreFree();
          continue;
        }
      } catch (error) {
        failures++;
        logger.warn({ event: 'claim.failed', failures, error });
      }
      const pause = Math.min(idleMs * 2 ** Math.min(failures, 16), Math.max(idleMs, maxPauseMs));
      const cancel = timer(pause, () => this.wake());
      await this.woken.promise;
      cancel();
    }
  }

  /** A claim costs the same for one lane or for many, so slots that become free soon after one another share one claim. */
  private async untilSlotsAreFree(): Promise<void> {
    const { slots, timer = systemTimer } = this.options;
    const waited = new AbortController();
    const cancel = timer(maxWaitForSlotsMs, () => {
      waited.abort();
      this.wake();
    });
    while (!this.stopped && !waited.signal.aborted && this.claimable < Math.ceil(slots / 4)) {
      this.woken = Promise.withResolvers<void>();
      await this.woken.promise;
    }
    cancel();
  }

  /**
   * Ingests a batch and sends the heads that are claimed with it. The ingest may use one slot per delivery of the batch, but
   * at most half of the free slots and at most 32, so that other due lanes do not wait for the batch.
   */
  async ingest(batch: IngestBatch): Promise<IngestResult> {
    const { store, leaseHolder, monotonic } = this.options;
    this.options.metrics?.ingesting(batch);
    const deliveries = batch.events.reduce((sum, event) => sum + event.deliveries.length, 0);
    const slots = this.stopped ? 0 : Math.min(deliveries, Math.ceil(this.free / 2), maxLentSlots);
    const leaseEnds = monotonic() + leaseSeconds * 1000;
    this.free -= slots;
    let ingested: IngestResult;
    try {
      ingested = await store.ingest(batch, slots > 0 ? { leaseHolder, slots } : undefined);
    } finally {
      this.free += slots;
    }
    await this.dispatch(ingested.heads, leaseEnds);
    if (ingested.deliveries > ingested.heads.length) this.wake();
    return { ...ingested, heads: [] };
  }

  private get claimable(): number {
    return Math.max(0, this.free - Math.floor(this.options.slots * reservedForIngests));
  }

  private async claim(): Promise<number> {
    const { store, leaseHolder, monotonic } = this.options;
    const slots = this.claimable;
    this.lastClaimFull = slots === 0;
    if (slots === 0) return 0;
    // Taken before the claim: the lease ends no earlier.
    const leaseEnds = monotonic() + leaseSeconds * 1000;
    // Ingests must not use these slots meanwhile.
    this.free -= slots;
    let heads: ClaimedHead[];
    try {
      heads = await store.claim(leaseHolder, slots);
      this.lastClaimFull = heads.length === slots;
    } finally {
      this.free += slots;
    }
    return this.dispatch(heads, leaseEnds);
  }

  /** @returns how many are sent */
  private async dispatch(heads: readonly ClaimedHead[], leaseEnds: number): Promise<number> {
    if (this.stopped) {
      await this.release(heads);
      return 0;
    }
    for (const head of heads) {
      this.free--;
      const work = this.work(head, leaseEnds);
      this.inFlight.add(work);
      void work.finally(() => this.inFlight.delete(work));
    }
    return heads.length;
  }

  private async work(head: ClaimedHead, leaseEnds: number): Promise<void> {
    const due = await this.attempt(head, leaseEnds);
    this.free++;
    // Otherwise no claim is made: a claim that finds nothing costs as much as one that finds lanes.
    if (due || this.lastClaimFull) this.wake();
  }

  /** @returns whether a lane may be due afterwards that nothing else wakes the dispatcher for */
  private async attempt(head: ClaimedHead, leaseEnds: number): Promise<boolean> {
    const { attemptWriter, logger } = this.options;
    try {
      const options = { kind: SpanKind.CLIENT, traceparent: head.traceparent ?? undefined };
      const result = await inSpan('webhook delivery', options, () =>
        this.attempts.make(head, leaseEnds),
      );
      if (!result) {
        await this.release([head]);
        return true;
      }
      this.options.metrics?.attempted(head, result);
      crashPoint('delivery.answered');
      const due = await attemptWriter.write(result, leaseEnds);
      crashPoint('delivery.recorded');
      logger.info({
        event: 'delivery.attempted',
        eventId: head.eventId,
        destinationId: head.destinationId,
        correlationId: head.headers['x-correlation-id'],
        endpointId: head.endpointId,
        attempt: head.attempt,
        outcome: result.outcome,
        status: result.status,
        error: result.error,
        durationMs: Math.round(result.durationMs),
      });
      return due;
    } catch (error) {
      // The lease expires, and the attempt counts.
      logger.error({
        event: 'delivery.broken',
        eventId: head.eventId,
        endpointId: head.endpointId,
        error,
      });
      return true;
    }
  }

  private async release(heads: readonly ClaimedHead[]): Promise<void> {
    if (heads.length === 0) return;
    const { store, leaseHolder, logger } = this.options;
    await store.release(leaseHolder, heads).catch((error: unknown) => {
      // Their leases expire.
      logger.warn({ event: 'release.failed', count: heads.length, error });
    });
  }
}
