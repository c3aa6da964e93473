import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { planOf, type PlanOptions } from './plan.ts';
import { seededBugs } from './seeded-bugs.ts';
import { simulate } from './simulate.ts';
import type { SeededBug } from './simulation-context.ts';

/** Long enough for a busy machine. */
const timeout = 120_000;
const seed = 20_261_127;
/** Far fewer runs than the simulation without seeded bugs has. */
const numRuns = 1000;

const breaking = (seededBug: SeededBug, breaks: RegExp, options?: PlanOptions) =>
  fc.asyncProperty(planOf(options), fc.scheduler(), async (plan, scheduler) => {
    const violations = await simulate(plan, scheduler, { seededBug });
    return !violations.some((one) => breaks.test(one));
  });

test.each(Object.entries(seededBugs))(
  'a seeded bug is found: %s',
  { timeout },
  async (_, { seededBug, breaks, options }) => {
    const given = { seed, numRuns, endOnFailure: true };
    const found = await fc.check(breaking(seededBug, breaks, options), given);
    expect(found.failed).toBe(true);
    // The same schedule without the seeded bug breaks no guarantee.
    const again = { ...given, path: found.counterexamplePath!, numRuns: 1 };
    expect(await fc.check(breaking(seededBug, breaks, options), again)).toMatchObject({
      failed: true,
    });
    expect(await fc.check(breaking({}, /./, options), again)).toMatchObject({ failed: false });
  },
);
