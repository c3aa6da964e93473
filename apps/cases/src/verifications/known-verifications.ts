import { setTimeout as delay } from 'node:timers/promises';

import { Topics } from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { ApiError } from '@casewire/service';
import type { Pool } from 'pg';

import type { Tenant } from '../reading/case-view.query.ts';
import { positions } from './position.query.ts';
import type { VerificationIntake } from './verification-intake.ts';
import { verificationOf, type Verification } from './verification.query.ts';

type EndOffsets = Awaited<ReturnType<EventLog['endOffsets']>>;

/** Milliseconds. */
export interface WaitLimits {
  /** How long a request waits for the table in all. */
  total: number;
  /** How often the table is read, besides the commits of this process: other processes consume other partitions. */
  between: number;
}

/**
 * Finds verifications in the table, which follows the topic. What was published before a request, such as a verification that was
 * created or approved a moment ago, counts in it.
 */
export class KnownVerifications {
  constructor(
    private readonly pool: Pool,
    private readonly log: Pick<EventLog, 'endOffsets' | 'startOffsets'>,
    private readonly intake: Pick<VerificationIntake, 'nextCommit'>,
    private readonly limits: WaitLimits = { total: 2_000, between: 50 },
  ) {}

  /**
   * A verification of the tenant, as the events of the topic have it at present. Where the table alone does not decide, this waits
   * until the table has everything that is on the topic now, for two seconds at most.
   * @returns undefined if there is none, or if its order was deleted
   * @throws ApiError 503 VERIFICATIONS_BEHIND if the table did not follow the topic in time: the verification can exist
   * @throws EventLogUnavailable if the end of the topic is unknown
   */
  async find(tenant: Tenant, id: string): Promise<Verification | undefined> {
    const stored = await verificationOf(this.pool, tenant, id);
    return isDecided(stored) ? stored : this.findAtEnd(tenant, id);
  }

  private async range(): Promise<Range> {
    const [starts, ends] = await Promise.all([
      this.log.startOffsets(Topics.casewireEvents),
      this.log.endOffsets(Topics.casewireEvents),
    ]);
    return { starts, ends };
  }

  private async findAtEnd(tenant: Tenant, id: string): Promise<Verification | undefined> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const timer = setTimeout(() => waiting.abort(), this.limits.total);
    try {
      const range = await Promise.race([this.range(), aborted(signal)]);
      for (;;) {
        // Asked for before the table is read: no commit in between is missed.
        const { nextCommit } = this.intake;
        const isAtEnd = range !== undefined && hasReached(await positions(this.pool), range);
        const stored = await verificationOf(this.pool, tenant, id);
        if (isAtEnd || isDecided(stored)) return stored;
        if (signal.aborted) throw behind();
        await Promise.race([nextCommit, pause(this.limits.between, signal)]);
      }
    } finally {
      clearTimeout(timer);
      waiting.abort();
    }
  }
}

/** What is on the topic at present. */
interface Range {
  starts: EndOffsets;
  ends: EndOffsets;
}

function behind(): ApiError {
  const detail = 'the verifications of orders are not read up to the present yet';
  return new ApiError(503, 'VERIFICATIONS_BEHIND', detail, [], { 'retry-after': '2' });
}

/** An unknown verification may have been created, and one that waits for its approval may have been approved. */
const isDecided = (stored: Verification | undefined): boolean =>
  stored !== undefined && stored.state !== 'pending-approval';

/** Nothing is left to read of a partition whose records are all read, or deleted by their age. */
const hasReached = (reached: ReadonlyMap<number, bigint>, { starts, ends }: Range): boolean =>
  [...ends].every(
    ([partition, end]) =>
      (reached.get(partition) ?? 0n) >= end || (starts.get(partition) ?? 0n) >= end,
  );

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
