import type { Scheduler } from 'fast-check';

import { MemoryTables } from '../testing/memory-lanes/memory-tables.ts';
import { randomFrom } from '../testing/random.ts';
import { FaultyWorld } from './faulty-world.ts';
import { nextMoment } from './next-moment.ts';
import { Oracle } from './oracle.ts';
import type { Plan } from './plan.ts';
import { Receiver } from './receiver.ts';
import { Registry } from './registry.ts';
import type { Plant } from './surroundings.ts';
import { Tally } from './tally.ts';
import { Topic } from './topic.ts';
import { VirtualTime } from './virtual-time.ts';

/** More than any schedule needs to come to rest. */
const mostSteps = 4000;

/**
 * Lets two instances of the service live through a plan, in the order that the scheduler chooses, until nothing more happens.
 * @returns which guarantees were broken, in words
 */
export async function simulate(
  plan: Plan,
  scheduler: Scheduler,
  { plant = {}, tally = new Tally() }: { plant?: Plant; tally?: Tally } = {},
): Promise<string[]> {
  const time = new VirtualTime(scheduler);
  const tables = new MemoryTables(time);
  const registry = new Registry();
  const topic = new Topic();
  const oracle = new Oracle({ tables, topic, registry, time });
  const receiver = new Receiver(time, tally, (received) => oracle.received(received, receiver.log));
  const random = randomFrom(plan.seed);
  const surroundings = { plan, plant, time, tables, registry, topic, receiver, tally, random };
  const world = new FaultyWorld(surroundings, oracle);
  world.begin();
  for (let step = 0; step < mostSteps; step++) {
    await everybodyWaits();
    world.happenings(step);
    if (scheduler.count() > 0) {
      await scheduler.waitNext(1);
      tally.add('steps');
      continue;
    }
    const wait = time.untilNext('not idle');
    const moment = nextMoment(tables);
    if (wait !== null) time.advance(time.untilNext('any')!);
    else if (moment !== null)
      time.advance(Math.max(moment - time.now(), time.untilNext('any') ?? 0));
    else if (!world.goesOn()) {
      world.end();
      oracle.atTheEnd(receiver.log);
      return oracle.violations;
    }
  }
  return [...oracle.violations, `it does not come to rest within ${mostSteps} steps`];
}

/** Whatever can go on without a turn of its own has done so. */
const everybodyWaits = () => new Promise(setImmediate);
