import { randomUUID } from 'node:crypto';

import type { ClaimedHead, LaneStore } from '../src/model/lane-store.ts';
import { resultOf } from './events.ts';

/** Claims and delivers until nothing is due; @returns what was delivered, in that order */
export async function drain(
  store: LaneStore,
  leaseHolder: string = randomUUID(),
): Promise<ClaimedHead[]> {
  const delivered: ClaimedHead[] = [];
  for (;;) {
    const heads = await store.claim(leaseHolder, 100);
    if (heads.length === 0) return delivered;
    await store.recordResults(
      leaseHolder,
      heads.map((head) => resultOf(head)),
    );
    delivered.push(...heads);
  }
}

/** Per lane, which places were delivered in what order. */
export function placesByLane(heads: readonly ClaimedHead[]): Record<string, number[]> {
  const places: Record<string, number[]> = {};
  for (const { laneId, seq } of heads) (places[laneId] ??= []).push(Number(seq));
  return places;
}
