import { setTimeout as delay } from 'node:timers/promises';

import type { AssignedPartition } from './assigned-partition.ts';
import type { GroupMember } from './group-member.ts';

const againAfterMs = 200;

export interface CommitsOptions {
  member: Pick<GroupMember, 'commit' | 'rejoin'>;
  partitions: () => Iterable<AssignedPartition>;
  onFailure: (error: unknown) => void;
}

/** Commits what a consumer has finished: gathered for a moment, all partitions in one request. */
export class Commits {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly options: CommitsOptions) {}

  /** What is due by then goes along; a commit that is planned already is not put off. */
  after(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.begin();
    }, ms);
  }

  /** Instead of what is planned. */
  now(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.begin();
  }

  /** From now on what could not be committed is not tried again by itself. */
  stop(): void {
    this.stopped = true;
  }

  /** A rebalance may be in the way of the last commit for a moment; what stays uncommitted is handled twice. */
  async last(): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) {
      if (await this.commit()) break;
      await delay(100);
    }
    clearTimeout(this.timer);
  }

  /** A commit that fails is reported and tried again; what goes beyond that is a fault of this process. */
  private begin(): void {
    const { member } = this.options;
    this.commit().catch((error: unknown) => {
      member.rejoin(error);
    });
  }

  /** Commits what is due. What could not be committed is tried again with what comes after it. */
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
      if (!this.stopped) this.after(againAfterMs);
      return false;
    }
  }
}
