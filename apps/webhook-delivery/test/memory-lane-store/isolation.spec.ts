import type { Endpoint } from '@casewire/contracts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { AttemptResult, ClaimedHead } from '../../src/model/lane-store.ts';
import { endpoint, namedId, resultOf, Partition } from '../events.ts';
import { MemoryLaneStore } from './memory-lane-store.ts';
import { MemoryTables } from './memory-tables.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Another endpoint, and how many of its lanes are how. */
interface Other {
  standing: 'open' | 'disabled' | 'suspended' | 'gated';
  /** Fewer failures than open its breaker. */
  blocked: number;
  failed: number;
  inFlight: number;
  due: number;
  maxInFlight: number;
  leaseHolder: string;
}

const [leaseHolder, anotherOwner] = [namedId('leaseHolder'), namedId('another lease holder')];
const hour = 3_600_000;

const others = (most: { endpoints: number; due: number }): fc.Arbitrary<Other[]> =>
  fc.array(
    fc.record({
      standing: fc.constantFrom('open', 'open', 'disabled', 'suspended', 'gated'),
      blocked: fc.nat(4),
      failed: fc.nat(4),
      inFlight: fc.nat(10),
      due: fc.nat(most.due),
      maxInFlight: fc.integer({ min: 1, max: 64 }),
      leaseHolder: fc.constantFrom(leaseHolder, anotherOwner),
    }),
    { maxLength: most.endpoints },
  );

/** Many endpoints with few lanes, few with many. */
const plan = fc.record({
  others: fc.oneof(others({ endpoints: 12, due: 20 }), others({ endpoints: 2, due: 1000 })),
  /** Claims of which nothing has come back when the event of the quiet endpoint comes. */
  claimsBefore: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 2 }),
  /** Beyond one for each endpoint that may be sent to. */
  moreSlots: fc.nat(20),
});

async function surroundings(planned: readonly Other[]) {
  const clock = new VirtualClock();
  const store = new MemoryLaneStore(new MemoryTables(clock));
  const partition = new Partition();
  let lanes = 0;
  const batch = (one: Endpoint, count: number) =>
    partition.batch([one], ...Array.from({ length: count }, () => ({ key: `case-${lanes++}` })));
  /** The endpoints that may be sent to. */
  const open = new Set<string>();
  for (const {
    standing,
    leaseHolder: by,
    blocked,
    failed,
    inFlight,
    due,
    maxInFlight,
  } of planned) {
    const one = endpoint({ maxInFlight });
    const claim = async (count: number) => {
      const { heads } = await store.ingest(batch(one, count), { leaseHolder: by, slots: 1000 });
      return heads;
    };
    const fail = (heads: ClaimedHead[], over: Partial<AttemptResult>) =>
      store.recordResults(
        by,
        heads.map((head) => resultOf(head, over.outcome ?? 'failed', over)),
      );
    for (let n = 0; n < blocked; n++) await fail(await claim(1), { outcome: 'blocked' });
    for (let n = 0; n < failed; n++) await fail(await claim(1), { delayMs: hour });
    const last = standing === 'gated' ? await claim(1) : [];
    await claim(inFlight);
    await fail(last, { status: 429, requestedPauseMs: hour });
    await store.ingest(batch(one, due));
    await store.setDestination({
      ...one,
      endpointId: one.id,
      enabled: standing !== 'disabled',
      revision: 2,
    });
    if (standing === 'suspended') await store.suspend(one.id, 'failing');
    if (standing === 'open') open.add(one.id);
  }
  return { clock, store, open };
}

test('an endpoint’s next send waits for one claim at most, whatever is due, slow or stopped at others', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ others: planned, claimsBefore, moreSlots }) => {
      const { clock, store, open } = await surroundings(planned);
      for (const slots of claimsBefore) await store.claim(leaseHolder, slots);
      // All the others have waited longer.
      clock.advance(1);
      const quiet = endpoint();
      await store.ingest(new Partition(1).batch([quiet], {}));
      const slots = Math.max(open.size + moreSlots, 1);
      const [first, second] = [
        await store.claim(leaseHolder, slots),
        await store.claim(leaseHolder, slots),
      ];
      // With a slot for each that may be sent to, it does not even wait for one.
      const inTime = slots > open.size ? first : [...first, ...second];
      expect(inTime.map(({ endpointId }) => endpointId)).toContain(quiet.id);
      open.add(quiet.id);
      // What was attempted is blocked, or is to wait for an hour.
      const wrong = [...first, ...second].filter(
        ({ endpointId, lastStatus }) => !open.has(endpointId!) || lastStatus !== null,
      );
      expect(wrong).toEqual([]);
    }),
    { numRuns: 150, seed: 20_261_127 },
  );
});
