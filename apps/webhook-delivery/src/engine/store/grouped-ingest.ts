import type { ClaimedHead, ClaimOffer, IngestBatch, IngestResult } from '../../model/lane-store.ts';
import { systemTimer, type Timer } from '../../model/timer.ts';

/** Takes in batches of different partitions in one transaction. */
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

/** How long others wait for a transaction; beside one that takes longer, because it waits for somebody, another begins. */
const patienceMs = 50;
const atOnce = 4;
const eventsTogether = 1000;
const bytesTogether = 16 * 1024 * 1024;

/**
 * What is brought while a transaction is under way goes together into the next one: the cost of a transaction is shared by
 * all partitions that have something at that moment. Nothing waits where nothing is under way, and for one that takes long
 * nobody waits any longer. Batches of one partition
 * are never taken in together, and come one after the other. A transaction that fails is repeated for each batch alone,
 * so that only the one at fault fails.
 */
export class GroupedIngest {
  private waiting: Call[] = [];
  private running = 0;
  /** Whether those under way take so long that nobody waits for them. */
  private impatient = false;

  constructor(
    private readonly together: IngestBatches,
    private readonly later: Timer = systemTimer,
  ) {}

  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, offer, bytes: bytesOf(batch), resolve, reject });
      this.begin();
    });
  }

  private begin(): void {
    if (this.waiting.length === 0 || this.running === atOnce) return;
    if (this.running > 0 && !this.impatient) return;
    const group = this.nextGroup();
    this.running++;
    this.impatient = false;
    const cancel = this.later(patienceMs, () => {
      this.impatient = true;
      this.begin();
    });
    void this.take(group).finally(() => {
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
      const name = `${topic}/${partition}`;
      const fits =
        group.length === 0 ||
        (events + call.batch.events.length <= eventsTogether &&
          bytes + call.bytes <= bytesTogether &&
          sameOwner(group, call));
      if (fits && !partitions.has(name)) {
        group.push(call);
        events += call.batch.events.length;
        bytes += call.bytes;
      } else left.push(call);
      partitions.add(name);
    }
    this.waiting = left;
    return group;
  }

  private async take(group: readonly Call[]): Promise<void> {
    try {
      const { batches, heads } = await this.together(
        group.map(({ batch }) => batch),
        offerOf(group),
      );
      const shares = sharesOf(heads, group);
      for (const [index, { resolve }] of group.entries())
        resolve({ ...batches[index]!, heads: shares[index]! });
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error);
      else for (const call of group) await this.take([call]);
    }
  }
}

const bytesOf = ({ events }: IngestBatch): number =>
  events.reduce(
    (sum, { deliveries }) => sum + deliveries.reduce((all, { body }) => all + body.length, 0),
    0,
  );

const ownerOf = (calls: readonly Call[]): string | undefined =>
  calls.find(({ offer }) => offer)?.offer?.leaseHolder;

function sameOwner(group: readonly Call[], { offer }: Call): boolean {
  const leaseHolder = ownerOf(group);
  return !offer || leaseHolder === undefined || leaseHolder === offer.leaseHolder;
}

function offerOf(group: readonly Call[]): ClaimOffer | undefined {
  const leaseHolder = ownerOf(group);
  if (leaseHolder === undefined) return undefined;
  return {
    leaseHolder,
    slots: group.reduce((sum, { offer }) => sum + (offer?.slots ?? 0), 0),
  };
}

/** To each who offered no more than they offered. */
function sharesOf(heads: readonly ClaimedHead[], group: readonly Call[]): ClaimedHead[][] {
  let at = 0;
  return group.map(({ offer }) => heads.slice(at, (at += offer?.slots ?? 0)));
}
