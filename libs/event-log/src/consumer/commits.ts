import { setTimeout as delay } from 'node:timers/promises';

import type { AssignedPartition } from './assigned-partition.ts';
import type { GroupMember } from './group-member.ts';

const retryAfterMs = 200;
const attemptsBeforeStop = 5;

export interface CommitsOptions {
  member: Pick<GroupMember, 'commit' | 'rejoin'>;
  partitions: () => Iterable<AssignedPartition>;
  onFailure: (error: unknown) => void;
}

/** Commits the offsets of finished records, collected for a short time: all partitions in one request. */
export class Commits {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly options: CommitsOptions) {}

  /** Commits after this time everything that is due by then. A commit that is already scheduled is not postponed. */
  schedule(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.begin();
    }, ms);
  }

  /** Commits at once, and cancels the scheduled commit. */
  commitNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.begin();
  }

  /** After this call a failed commit is not retried automatically. */
  stop(): void {
    this.stopped = true;
  }

  /** The last commit. It is attempted several times, because a rebalance may block it; records that stay uncommitted are handled twice. */
  async commitBeforeStop(): Promise<void> {
    for (let attempts = 0; attempts < attemptsBeforeStop; attempts += 1) {
      if (await this.commit()) break;
      await delay(100);
    }
    clearTimeout(this.timer);
  }

  /** A failed commit is reported and retried. Any other error is a fault of this process. */
  private begin(): void {
    const { member } = this.options;
    this.commit().catch((error: unknown) => {
      member.rejoin(error);
    });
  }

  /** Commits everything that is due. After a failure the next commit includes it. */
  private async commit(): Promise<boolean> {
    const { member, partitions, onFailure } = this.options;
    const due = [...partitions()].flatMap((partition) => {
      const { topic, partition: number, due: next } = partition;
      return next === undefined ? [] : [{ topic, partition: number, next, of: partition }];
    });
    if (due.length === 0) return true;
    try {
      await member.commit(due);
      for (const { of, next } of due) {
        if (of.committed === undefined || of.committed < next) of.committed = next;
      }
      return true;
    } catch (error) {
      onFailure(error);
      if (!this.stopped) this.schedule(retryAfterMs);
      return false;
    }
  }
}
