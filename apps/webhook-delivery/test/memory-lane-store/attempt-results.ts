import { leaseSeconds, type AttemptOutcome, type ClaimedHead } from '../../src/model/lane-store.ts';
import { isDue } from './claims.ts';
import { never, type DestinationRow, type LaneRow, type MemoryTables } from './memory-tables.ts';

/** An outcome that counted, and what is needed to tell what it says of its destination. */
export interface Counted {
  outcome: AttemptOutcome;
  destination: DestinationRow;
  claimedAt: Date;
}

const stillOf = (
  tables: MemoryTables,
  owner: string,
  { laneId, epoch }: Pick<ClaimedHead, 'laneId' | 'epoch'>,
): LaneRow | undefined => {
  const lane = tables.lanes.get(laneId);
  return lane?.owner === owner && String(lane.epoch) === epoch ? lane : undefined;
};

/** Writes down what came of attempts whose lanes still are the owner's, in the epoch of the claim. */
export function finish(
  tables: MemoryTables,
  owner: string,
  outcomes: readonly AttemptOutcome[],
): Counted[] {
  return outcomes.flatMap((outcome) => {
    const lane = stillOf(tables, owner, outcome);
    if (!lane) return [];
    const claimedAt = new Date(lane.leasedUntil - leaseSeconds * 1000);
    settle(tables, lane, outcome);
    return [{ outcome, destination: tables.destinationOf(lane), claimedAt }];
  });
}

/** Whether something is due where these outcomes came from. */
export const isSomethingDue = (tables: MemoryTables, counted: readonly Counted[]): boolean =>
  counted.some(({ destination }) =>
    tables.lanesOf(destination.id).some((lane) => isDue(tables, lane)),
  );

/** Writes down what came of an attempt at a lane, whoever has it. */
export function settle(tables: MemoryTables, lane: LaneRow, outcome: AttemptOutcome): void {
  const { verdict, deliveryId, attempt: number, startedAt, status, error } = outcome;
  const { requestBody, responseHeaders, responseBody, delayMs } = outcome;
  const failed = verdict === 'failed';
  endLease(lane);
  lane.attempts = failed ? lane.attempts : 0;
  lane.nextAt = tables.now + (failed ? delayMs : 0);
  lane.held = verdict === 'held';
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
  if (verdict !== 'delivered' && verdict !== 'exhausted') return;
  lane.head++;
  lane.gap = verdict === 'delivered' ? 0 : lane.gap + 1;
  delivery.state = verdict;
  delivery.settledAt = tables.now;
  if (verdict === 'exhausted') tables.givenUp.add(deliveryId);
}

function endLease(lane: LaneRow): void {
  lane.owner = null;
  lane.leasedUntil = never;
}

/** Ends claims of which nothing was sent. @returns how many were given back */
export function release(
  tables: MemoryTables,
  owner: string,
  heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[],
): number {
  const lanes = heads.flatMap((head) => stillOf(tables, owner, head) ?? []);
  for (const lane of lanes) {
    endLease(lane);
    lane.attempts--;
  }
  return lanes.length;
}

/** Decides on the head of a lane that is held. @returns whether the lane was held */
export function releaseHeld(
  tables: MemoryTables,
  held: { laneId: string } | { deliveryId: string },
  decision: 'retry' | 'skip',
): boolean {
  const named = 'deliveryId' in held ? tables.deliveries.get(held.deliveryId) : undefined;
  const lane = 'laneId' in held ? tables.lanes.get(held.laneId) : named?.lane;
  if (!lane?.held || (named && named.seq !== lane.head)) return false;
  lane.held = false;
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
