import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  endpointPlan,
  eventPlan,
  faults,
  leasesEnd,
  planOf,
  recordsComeAgain,
  type Fault,
  type Plan,
  type Reaction,
} from './plan.ts';
import { simulate } from './simulate.ts';
import { Tally, type Happening } from './tally.ts';

/** However busy the machine is. */
const timeout = 300_000;
const seed = 20_261_127;

/** @throws with seed, path and schedule of the smallest plan that breaks a guarantee */
async function hold(plans: fc.Arbitrary<Plan>, numRuns: number): Promise<Tally['counts']> {
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(plans, fc.scheduler(), async (plan, scheduler) => {
      expect(await simulate(plan, scheduler, { tally })).toEqual([]);
    }),
    { numRuns, seed },
  );
  return tally.counts;
}

/** Runs in which little goes wrong prove little. @returns what happened too seldom */
const seldom = (counts: Tally['counts'], least: Partial<Record<Happening, number>>): string[] =>
  Object.entries(least).flatMap(([what, n]) => {
    const found = counts[what as Happening];
    return found < n ? [`${what}: ${found} of ${n}`] : [];
  });

describe('two instances deliver every event once, in order, and to its end', () => {
  test('G2 G3 G5 G6 whatever goes wrong', { timeout }, async () => {
    const runs = 4500;
    const least = {
      steps: 50 * runs,
      crashes: 300,
      stops: 500,
      takeovers: 500,
      redeliveries: 1000,
      'late outcomes': 400,
      'given back': 150,
      'calls failed': 300,
      'answers lost': 300,
      timeouts: 600,
      'repeated after 2xx': 150,
      blocked: 300,
      delivered: 2 * runs,
      exhausted: 1000,
      canceled: 500,
      expired: 1000,
    };
    expect(seldom(await hold(planOf(), runs), least)).toEqual([]);
  });

  test(
    'G2 G3 G5 G6 when instances die, and sends take longer than leases',
    { timeout },
    async () => {
      const runs = 3000;
      const least = {
        crashes: 500,
        takeovers: 1200,
        'late outcomes': 600,
        'given back': 800,
        timeouts: 1000,
        'repeated after 2xx': 300,
        delivered: 2 * runs,
      };
      expect(seldom(await hold(planOf(leasesEnd), runs), least)).toEqual([]);
    },
  );

  test(
    'G2 G3 G5 G6 when records come again, readers change and endpoints come and go',
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
      expect(seldom(await hold(planOf(recordsComeAgain), runs), least)).toEqual([]);
    },
  );

  test('TI-24 three attempts stay three, whoever dies between them', { timeout }, async () => {
    const runs = 500;
    const reactions: fc.Arbitrary<Reaction[]> = fc.array(
      fc.constantFrom<Reaction>('fails', 'hangs', 'takes it and dies'),
      { minLength: 16, maxLength: 16 },
    );
    const endpoint = fc
      .tuple(endpointPlan, reactions)
      // By TrustID's own schedule; it never takes anything.
      .map(([plan, never]) => ({
        ...plan,
        dialect: 'trustid' as const,
        delays: null,
        onExhausted: 'skip' as const,
        enabled: true,
        reactions: never,
      }));
    const fault: fc.Arbitrary<Fault> = fc.oneof(faults.crash, faults.timePasses, faults.call);
    // TrustID has no word for an erasure.
    const event = eventPlan.map((plan) => ({ ...plan, erases: false }));
    const counts = await hold(planOf({ endpoint, event, fault }), runs);
    expect(seldom(counts, { crashes: 100, takeovers: 150, exhausted: 3 * runs })).toEqual([]);
    expect(counts.delivered).toBe(0);
    expect(counts.requests).toBeLessThanOrEqual(3 * (counts.exhausted + counts.canceled));
  });
});

test('a seed stands for the same schedules whenever it is run', async () => {
  expect(await hold(planOf(), 50)).toEqual(await hold(planOf(), 50));
});
