import type { AttemptResult, ClaimedHead } from '../../src/model/lane-store.ts';
import { leaseSeconds } from '../../src/model/lease.ts';
import { isDue } from './claims.ts';
import { never, type DestinationRow, type LaneRow, type MemoryTables } from './memory-tables.ts';

/** An outcome that counted, and what is needed to tell what it says of its destination. */
export interface CountedResult {
  result: AttemptResult;
  destination: DestinationRow;
  claimedAt: Date;
}

const stillOf = (
  tables: MemoryTables,
  leaseHolder: string,
  { laneId, epoch }: Pick<ClaimedHead, 'laneId' | 'epoch'>,
): LaneRow | undefined => {
  const lane = tables.lanes.get(laneId);
  return lane?.leaseHolder === leaseHolder && String(lane.epoch) === epoch ? lane : undefined;
};

/** Writes down what came of attempts whose lanes still are the lease holder's, in the epoch of the claim. */
export function recordResults(
  tables: MemoryTables,
  leaseHolder: string,
  results: readonly AttemptResult[],
): CountedResult[] {
  return results.flatMap((result) => {
    const lane = stillOf(tables, leaseHolder, result);
    if (!lane) return [];
    const claimedAt = new Date(lane.leasedUntil - leaseSeconds * 1000);
    settle(tables, lane, result);
    return [{ result, destination: tables.destinationOf(lane), claimedAt }];
  });
}

/** Whether something is due where these outcomes came from. */
export const isSomethingDue = (tables: MemoryTables, counted: readonly CountedResult[]): boolean =>
  counted.some(({ destination }) =>
    tables.lanesOf(destination.id).some((lane) => isDue(tables, lane)),
  );

/** Writes down what came of an attempt at a lane, whoever has it. */
export function settle(tables: MemoryTables, lane: LaneRow, result: AttemptResult): void {
  const { outcome, deliveryId, attempt: number, startedAt, status, error } = result;
  const { requestBody, responseHeaders, responseBody, delayMs } = result;
  const failed = outcome === 'failed';
  endLease(lane);
  lane.attempts = failed ? lane.attempts : 0;
  lane.nextAt = tables.now + (failed ? delayMs : 0);
  lane.blocked = outcome === 'blocked';
  const delivery = tables.deliveries.get(deliveryId)!;
  Object.assign(delivery, { attempts: number, lastStatus: status, lastError: error });
  const followed = failed;
  tables.attempts.push({
    deliveryId,
    number,
    startedAt,
    status,
    error,
    requestBody,
    responseHeaders,
    responseBody,
    followed,
  });
  if (outcome !== 'delivered' && outcome !== 'exhausted') return;
  lane.head++;
  lane.gap = outcome === 'delivered' ? 0 : lane.gap + 1;
  delivery.state = outcome;
  delivery.settledAt = tables.now;
  if (outcome === 'exhausted') tables.givenUp.add(deliveryId);
}

function endLease(lane: LaneRow): void {
  lane.leaseHolder = null;
  lane.leasedUntil = never;
}

/** Ends claims of which nothing was sent. @returns how many were given back */
export function release(
  tables: MemoryTables,
  leaseHolder: string,
  heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[],
): number {
  const lanes = heads.flatMap((head) => stillOf(tables, leaseHolder, head) ?? []);
  for (const lane of lanes) {
    endLease(lane);
    lane.attempts--;
  }
  return lanes.length;
}

/** Decides on the head of a lane that is blocked. @returns whether the lane was blocked */
export function unblock(
  tables: MemoryTables,
  blocked: { laneId: string } | { deliveryId: string },
  decision: 'retry' | 'skip',
): boolean {
  const named = 'deliveryId' in blocked ? tables.deliveries.get(blocked.deliveryId) : undefined;
  const lane = 'laneId' in blocked ? tables.lanes.get(blocked.laneId) : named?.lane;
  if (!lane?.blocked || (named && named.seq !== lane.head)) return false;
  lane.blocked = false;
  lane.attempts = 0;
  lane.nextAt = tables.now;
  if (decision === 'retry') return true;
  const delivery = lane.deliveries[lane.head - 1]!;
  delivery.state = 'exhausted';
  delivery.settledAt = tables.now;
  tables.givenUp.add(delivery.id);
  lane.head++;
  lane.gap++;
  return true;
}
