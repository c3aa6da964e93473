import { crashPoint, inSpan } from '@casewire/telemetry';
import { SpanKind } from '@opentelemetry/api';

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
  /** How long to wait before looking for due lanes without being woken. */
  idleMs?: number;
  timer?: Timer;
}

const longestPauseMs = 5000;
/** Slots that are lent to an ingest at most: taking in a large batch takes long, and what is due need not wait for it. */
const lentAtMost = 32;
/** Of the slots this part is left by claims to what is taken in meanwhile: it is sent without another claim. */
const keptForIngests = 1 / 8;
/** Where more is due than there are slots, the next claim waits for a quarter of them, and no longer than this. */
const gatherMs = 10;

/** Claims due lanes as far as there are free slots, sends their heads, and has the outcomes written down. */
export class Dispatcher {
  private free: number;
  private running: Promise<void> | undefined;
  private stopped = false;
  /** Whether the last claim brought as much as there was room for: there may be more. */
  private short = false;
  private readonly attempts: Attempts;
  private woken = Promise.withResolvers<void>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: DispatcherOptions) {
    this.free = options.slots;
    this.attempts = new Attempts(options);
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
    this.options.attemptWriter.stop();
    await this.running;
    await Promise.all(this.underWay);
  }

  private async run(): Promise<void> {
    const { idleMs = 100, logger, timer: later = systemTimer } = this.options;
    let failures = 0;
    while (!this.stopped) {
      this.woken = Promise.withResolvers<void>();
      try {
        const claimed = await this.claim();
        failures = 0;
        if (claimed > 0 && this.claimable > 0) continue;
        if (claimed > 0) {
          await this.someAreFree();
          continue;
        }
      } catch (error) {
        failures++;
        logger.warn({ event: 'claim.failed', failures, error });
      }
      const pause = Math.min(
        idleMs * 2 ** Math.min(failures, 16),
        Math.max(idleMs, longestPauseMs),
      );
      const cancel = later(pause, () => this.wake());
      await this.woken.promise;
      cancel();
    }
  }

  /** A claim costs the same for one lane or for many: what becomes free soon after one another is claimed for together. */
  private async someAreFree(): Promise<void> {
    const { slots, timer: later = systemTimer } = this.options;
    const waited = new AbortController();
    const cancel = later(gatherMs, () => {
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
   * Takes in a batch, and takes over what could be claimed along with it: as many slots as it brings deliveries are lent to it
   * meanwhile, of the free ones half, and no more than a few, so that what else becomes due does not wait for the batch.
   */
  async ingest(batch: IngestBatch): Promise<IngestResult> {
    const { store: lanes, leaseHolder, monotonic } = this.options;
    const brought = batch.events.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
    const slots = this.stopped ? 0 : Math.min(brought, Math.ceil(this.free / 2), lentAtMost);
    const leaseEnds = monotonic() + leaseSeconds * 1000;
    this.free -= slots;
    let ingested: IngestResult;
    try {
      ingested = await lanes.ingest(batch, slots > 0 ? { leaseHolder, slots } : undefined);
    } finally {
      this.free += slots;
    }
    await this.takeOver(ingested.heads, leaseEnds);
    if (ingested.deliveries > ingested.heads.length) this.wake();
    return { ...ingested, heads: [] };
  }

  private get claimable(): number {
    return Math.max(0, this.free - Math.floor(this.options.slots * keptForIngests));
  }

  private async claim(): Promise<number> {
    const { store: lanes, leaseHolder, monotonic } = this.options;
    const slots = this.claimable;
    this.short = slots === 0;
    if (slots === 0) return 0;
    // Started before the claim: the lease lasts at least until this much later.
    const leaseEnds = monotonic() + leaseSeconds * 1000;
    // Nobody else is given these meanwhile.
    this.free -= slots;
    let heads: ClaimedHead[];
    try {
      heads = await lanes.claim(leaseHolder, slots);
      this.short = heads.length === slots;
    } finally {
      this.free += slots;
    }
    return this.takeOver(heads, leaseEnds);
  }

  /** @returns how many are under way now */
  private async takeOver(heads: readonly ClaimedHead[], leaseEnds: number): Promise<number> {
    if (this.stopped) {
      await this.giveBack(heads);
      return 0;
    }
    for (const head of heads) {
      this.free--;
      const work = this.work(head, leaseEnds);
      this.underWay.add(work);
      void work.finally(() => this.underWay.delete(work));
    }
    return heads.length;
  }

  private async work(head: ClaimedHead, leaseEnds: number): Promise<void> {
    const due = await this.attempt(head, leaseEnds);
    this.free++;
    // A claim that finds nothing costs as much as one that does.
    if (due || this.short) this.wake();
  }

  /** @returns whether something may be due after it that nobody was told of */
  private async attempt(head: ClaimedHead, leaseEnds: number): Promise<boolean> {
    const { attemptWriter: outcomes, logger } = this.options;
    try {
      const options = { kind: SpanKind.CLIENT, traceparent: head.traceparent ?? undefined };
      const outcome = await inSpan('webhook delivery', options, () =>
        this.attempts.make(head, leaseEnds),
      );
      if (!outcome) {
        await this.giveBack([head]);
        return true;
      }
      crashPoint('delivery.answered');
      const due = await outcomes.write(outcome, leaseEnds);
      crashPoint('delivery.recorded');
      logger.info({
        event: 'delivery.attempted',
        eventId: head.eventId,
        destinationId: head.destinationId,
        correlationId: head.headers['x-correlation-id'],
        endpointId: head.endpointId,
        attempt: head.attempt,
        outcome: outcome.outcome,
        status: outcome.status,
        error: outcome.error,
        durationMs: Math.round(outcome.durationMs),
      });
      return due;
    } catch (error) {
      // The lease runs out, and the attempt counts.
      logger.error({
        event: 'delivery.broken',
        eventId: head.eventId,
        endpointId: head.endpointId,
        error,
      });
      return true;
    }
  }

  private async giveBack(heads: readonly ClaimedHead[]): Promise<void> {
    if (heads.length === 0) return;
    const { store: lanes, leaseHolder, logger } = this.options;
    await lanes.release(leaseHolder, heads).catch((error: unknown) => {
      // Their leases run out.
      logger.warn({ event: 'release.failed', count: heads.length, error });
    });
  }
}
