import type { Scheduler } from 'fast-check';

import { MemoryTables } from '../memory-lane-store/memory-tables.ts';
import { randomFrom } from '../random.ts';
import { EventCounts } from './event-counts.ts';
import { FaultyEnvironment } from './faulty-environment.ts';
import { GuaranteeChecker } from './guarantee-checker.ts';
import { nextClaimTime } from './next-claim-time.ts';
import type { Plan } from './plan.ts';
import { Receiver } from './receiver.ts';
import { Registry } from './registry.ts';
import type { SeededBug } from './simulation-context.ts';
import { Topic } from './topic.ts';
import { VirtualTime } from './virtual-time.ts';

/** More steps than any schedule needs. */
const maxSteps = 4000;

/**
 * Runs two instances of the service through a plan, in the order that the scheduler chooses, until nothing more happens.
 * @returns a description of each guarantee that was broken
 */
export async function simulate(
  plan: Plan,
  scheduler: Scheduler,
  {
    seededBug = {},
    counts = new EventCounts(),
  }: { seededBug?: SeededBug; counts?: EventCounts } = {},
): Promise<string[]> {
  const time = new VirtualTime(scheduler);
  const tables = new MemoryTables(time);
  const registry = new Registry();
  const topic = new Topic();
  const checker = new GuaranteeChecker({ tables, topic, registry, time });
  const receiver = new Receiver(time, counts, (received) =>
    checker.received(received, receiver.log),
  );
  const random = randomFrom(plan.seed);
  const context = { plan, seededBug, time, tables, registry, topic, receiver, counts, random };
  const environment = new FaultyEnvironment(context, checker);
  environment.start();
  let step = 0;
  for (; step < maxSteps; step++) {
    await untilIdle();
    environment.runPlanned(step);
    if (scheduler.count() > 0) await scheduler.waitNext(1);
    else if (!advanceTime(time, tables) && !environment.continueWhenIdle()) break;
  }
  counts.add('steps', step);
  environment.stop();
  checker.atTheEnd(receiver.log, { isAtRest: step < maxSteps });
  return checker.violations;
}

/** Advances the clock to the next timer or the next claim. @returns whether anything waits for its time */
function advanceTime(time: VirtualTime, tables: MemoryTables): boolean {
  const next = time.untilNext('any') ?? 0;
  if (time.untilNext('not idle') !== null) {
    time.advance(next);
    return true;
  }
  const claimAt = nextClaimTime(tables);
  if (claimAt === null) return false;
  time.advance(Math.max(claimAt - time.now(), next));
  return true;
}

/** Resolves when nothing can continue without a turn. */
const untilIdle = () => new Promise(setImmediate);
