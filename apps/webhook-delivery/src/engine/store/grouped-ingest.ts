import type { ClaimedHead, ClaimOffer, IngestBatch, IngestResult } from '../../model/lane-store.ts';
import { systemTimer, type Timer } from '../../model/timer.ts';

/** Ingests batches of different partitions in one transaction. */
export type IngestBatches = (
  batches: readonly IngestBatch[],
  offer?: ClaimOffer,
) => Promise<{ batches: Omit<IngestResult, 'heads'>[]; heads: ClaimedHead[] }>;

interface Call {
  batch: IngestBatch;
  offer: ClaimOffer | undefined;
  bytes: number;
  resolve: (ingested: IngestResult) => void;
  reject: (error: unknown) => void;
}

/** If a transaction takes longer, for example because it waits for a lock, another one begins beside it. */
const maxWaitMs = 50;
const maxTransactions = 4;
const maxEvents = 1000;
const maxBytes = 16 * 1024 * 1024;

/**
 * Groups batches that arrive during a transaction into the next one: the partitions share the cost of a transaction. Without a
 * running transaction a batch does not wait; if one takes longer than 50 ms another one begins, up to four in parallel. Batches of one
 * partition are never in one group, and keep their order. If a transaction fails it is repeated for each batch alone, so that only the batch
 * at fault fails.
 */
export class GroupedIngest {
  private waiting: Call[] = [];
  private running = 0;
  /** Whether the running transactions take longer than `maxWaitMs`. */
  private slow = false;

  constructor(
    private readonly ingestBatches: IngestBatches,
    private readonly timer: Timer = systemTimer,
  ) {}

  /** Ingests a batch, possibly in one transaction with others. */
  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, offer, bytes: bytesOf(batch), resolve, reject });
      this.begin();
    });
  }

  private begin(): void {
    if (this.waiting.length === 0 || this.running === maxTransactions) return;
    if (this.running > 0 && !this.slow) return;
    const group = this.nextGroup();
    this.running++;
    this.slow = false;
    const cancel = this.timer(maxWaitMs, () => {
      this.slow = true;
      this.begin();
    });
    void this.ingestGroup(group).finally(() => {
      cancel();
      this.running--;
      this.begin();
    });
  }

  private nextGroup(): Call[] {
    const group: Call[] = [];
    const left: Call[] = [];
    const partitions = new Set<string>();
    let events = 0;
    let bytes = 0;
    for (const call of this.waiting) {
      const { topic, partition } = call.batch;
      const key = `${topic}/${partition}`;
      const fits =
        group.length === 0 ||
        (events + call.batch.events.length <= maxEvents &&
          bytes + call.bytes <= maxBytes &&
          sameLeaseHolder(group, call));
      if (fits && !partitions.has(key)) {
        group.push(call);
        events += call.batch.events.length;
        bytes += call.bytes;
      } else left.push(call);
      partitions.add(key);
    }
    this.waiting = left;
    return group;
  }

  private async ingestGroup(group: readonly Call[]): Promise<void> {
    try {
      const { batches, heads } = await this.ingestBatches(
        group.map(({ batch }) => batch),
        offerOf(group),
      );
      const shares = sharesOf(heads, group);
      for (const [index, { resolve }] of group.entries())
        resolve({ ...batches[index]!, heads: shares[index]! });
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error);
      else for (const call of group) await this.ingestGroup([call]);
    }
  }
}

const bytesOf = ({ events }: IngestBatch): number =>
  events.reduce(
    (sum, { deliveries }) => sum + deliveries.reduce((all, { body }) => all + body.length, 0),
    0,
  );

const leaseHolderOf = (calls: readonly Call[]): string | undefined =>
  calls.find(({ offer }) => offer)?.offer?.leaseHolder;

function sameLeaseHolder(group: readonly Call[], { offer }: Call): boolean {
  const leaseHolder = leaseHolderOf(group);
  return !offer || leaseHolder === undefined || leaseHolder === offer.leaseHolder;
}

function offerOf(group: readonly Call[]): ClaimOffer | undefined {
  const leaseHolder = leaseHolderOf(group);
  if (leaseHolder === undefined) return undefined;
  return {
    leaseHolder,
    slots: group.reduce((sum, { offer }) => sum + (offer?.slots ?? 0), 0),
  };
}

/** Distributes the heads: each call gets no more than the slots it offered. */
function sharesOf(heads: readonly ClaimedHead[], group: readonly Call[]): ClaimedHead[][] {
  let at = 0;
  return group.map(({ offer }) => heads.slice(at, (at += offer?.slots ?? 0)));
}
