import type { Facts } from './facts.ts';
import type { ExpectedRequest } from './story-faults.ts';
import type { Step, Target } from './story.ts';

/** The requests that a step must cause: one to each target for each event. */
export const requestsOf = (
  { expect }: Step,
  targets: readonly Target[],
  facts: Facts,
): ExpectedRequest[] =>
  targets.flatMap((target) =>
    expect.map(({ event, about, fields }) => ({
      target,
      event,
      about,
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
          name,
          typeof value === 'function' ? (facts.has(about) ? value(facts) : undefined) : value,
        ]),
      ),
    })),
  );
