import type { Scheduler } from 'fast-check';

import { MemoryTables } from '../memory-lane-store/memory-tables.ts';
import { randomFrom } from '../random.ts';
import { FaultyWorld } from './faulty-environment.ts';
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
  let step = 0;
  for (; step < mostSteps; step++) {
    await everybodyWaits();
    world.happenings(step);
    if (scheduler.count() > 0) await scheduler.waitNext(1);
    else if (!timePasses(time, tables) && !world.goesOn()) break;
  }
  tally.add('steps', step);
  world.end();
  oracle.atTheEnd(receiver.log, { isAtRest: step < mostSteps });
  return oracle.violations;
}

/** Until something goes off, or may be claimed. @returns whether anything waits for its time */
function timePasses(time: VirtualTime, tables: MemoryTables): boolean {
  const next = time.untilNext('any') ?? 0;
  if (time.untilNext('not idle') !== null) {
    time.advance(next);
    return true;
  }
  const moment = nextMoment(tables);
  if (moment === null) return false;
  time.advance(Math.max(moment - time.now(), next));
  return true;
}

/** Whatever can go on without a turn of its own has done so. */
const everybodyWaits = () => new Promise(setImmediate);
