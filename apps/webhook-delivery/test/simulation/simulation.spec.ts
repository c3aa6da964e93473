import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { EventCounts, type CountedEvent } from './event-counts.ts';
import {
  endpointPlan,
  eventPlan,
  faults,
  leasesExpire,
  planOf,
  recordsRedelivered,
  type Fault,
  type Plan,
  type Reaction,
} from './plan.ts';
import { simulate } from './simulate.ts';

/** Long enough for a busy machine. */
const timeout = 300_000;
const seed = 20_261_127;

/** @throws with seed, path and schedule of the smallest plan that breaks a guarantee */
async function checkGuarantees(
  plans: fc.Arbitrary<Plan>,
  numRuns: number,
): Promise<EventCounts['byEvent']> {
  const counts = new EventCounts();
  await fc.assert(
    fc.asyncProperty(plans, fc.scheduler(), async (plan, scheduler) => {
      expect(await simulate(plan, scheduler, { counts })).toEqual([]);
    }),
    { numRuns, seed },
  );
  return counts.byEvent;
}

/** Runs with few faults prove little. @returns the events that occurred too rarely */
const rareEvents = (
  counts: EventCounts['byEvent'],
  least: Partial<Record<CountedEvent, number>>,
): string[] =>
  Object.entries(least).flatMap(([what, n]) => {
    const found = counts[what as CountedEvent];
    return found < n ? [`${what}: ${found} of ${n}`] : [];
  });

describe('two instances deliver every event once and in order, and every delivery settles', () => {
  test('G2 G3 G5 G6 whatever goes wrong', { timeout }, async () => {
    const runs = 4500;
    const least = {
      steps: 50 * runs,
      crashes: 300,
      stops: 500,
      takeovers: 500,
      redeliveries: 1000,
      'late results': 400,
      released: 150,
      'calls failed': 300,
      'responses lost': 300,
      timeouts: 600,
      'repeated after 2xx': 150,
      blocked: 300,
      delivered: 2 * runs,
      exhausted: 1000,
      canceled: 500,
      expired: 1000,
    };
    expect(rareEvents(await checkGuarantees(planOf(), runs), least)).toEqual([]);
  });

  test(
    'G2 G3 G5 G6 when instances crash and sends take longer than leases',
    { timeout },
    async () => {
      const runs = 3000;
      const least = {
        crashes: 500,
        takeovers: 1200,
        'late results': 600,
        released: 800,
        timeouts: 1000,
        'repeated after 2xx': 300,
        delivered: 2 * runs,
      };
      expect(rareEvents(await checkGuarantees(planOf(leasesExpire), runs), least)).toEqual([]);
    },
  );

  test(
    'G2 G3 G5 G6 when records are redelivered, partitions are rebalanced and endpoints change',
    { timeout },
    async () => {
      const runs = 2500;
      const least = {
        crashes: 300,
        stops: 1500,
        redeliveries: 2000,
        delivered: 2 * runs,
        canceled: 400,
        expired: 1000,
      };
      expect(rareEvents(await checkGuarantees(planOf(recordsRedelivered), runs), least)).toEqual(
        [],
      );
    },
  );

  test(
    'TI-24 three attempts remain three when instances crash between them',
    { timeout },
    async () => {
      const runs = 500;
      const reactions: fc.Arbitrary<Reaction[]> = fc.array(
        fc.constantFrom<Reaction>('fails', 'hangs', 'accepts and disconnects'),
        { minLength: 16, maxLength: 16 },
      );
      const endpoint = fc
        .tuple(endpointPlan, reactions)
        // By TrustID's own schedule; it never accepts a request.
        .map(([plan, never]) => ({
          ...plan,
          dialect: 'trustid' as const,
          delays: null,
          onExhausted: 'skip' as const,
          enabled: true,
          reactions: never,
        }));
      const fault: fc.Arbitrary<Fault> = fc.oneof(faults.crash, faults.timePasses, faults.call);
      // TrustID has no name for an erasure.
      const event = eventPlan.map((plan) => ({ ...plan, erases: false }));
      const counts = await checkGuarantees(planOf({ endpoint, event, fault }), runs);
      expect(rareEvents(counts, { crashes: 100, takeovers: 150, exhausted: 3 * runs })).toEqual([]);
      expect(counts.delivered).toBe(0);
      expect(counts.requests).toBeLessThanOrEqual(3 * (counts.exhausted + counts.canceled));
    },
  );
});

test('the same seed gives the same schedules in every run', async () => {
  expect(await checkGuarantees(planOf(), 50)).toEqual(await checkGuarantees(planOf(), 50));
});
