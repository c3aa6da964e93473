import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { planOf, type Worlds } from './plan.ts';
import { plants } from './seeded-bugs.ts';
import { simulate } from './simulate.ts';
import type { Plant } from './surroundings.ts';

/** However busy the machine is. */
const timeout = 120_000;
const seed = 20_261_127;
/** Far less than what is run over what is right. */
const numRuns = 1000;

const breaking = (plant: Plant, breaks: RegExp, worlds?: Worlds) =>
  fc.asyncProperty(planOf(worlds), fc.scheduler(), async (plan, scheduler) => {
    const violations = await simulate(plan, scheduler, { plant });
    return !violations.some((one) => breaks.test(one));
  });

test.each(Object.entries(plants))(
  'a mistake that is planted is found: %s',
  { timeout },
  async (_, { plant, breaks, worlds }) => {
    const given = { seed, numRuns, endOnFailure: true };
    const found = await fc.check(breaking(plant, breaks, worlds), given);
    expect(found.failed).toBe(true);
    // The same schedule without the mistake breaks nothing at all.
    const again = { ...given, path: found.counterexamplePath!, numRuns: 1 };
    expect(await fc.check(breaking(plant, breaks, worlds), again)).toMatchObject({ failed: true });
    expect(await fc.check(breaking({}, /./, worlds), again)).toMatchObject({ failed: false });
  },
);
