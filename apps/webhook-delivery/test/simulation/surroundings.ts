import type { MemoryTables } from '../memory-lane-store/memory-tables.ts';
import type { Plan } from './plan.ts';
import type { Receiver } from './receiver.ts';
import type { Registry } from './registry.ts';
import type { SimulatedStore } from './simulated-store.ts';
import type { Tally } from './tally.ts';
import type { Topic } from './topic.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A mistake that is made on purpose, to see that it is found. */
export interface Plant {
  store?: typeof SimulatedStore;
  /** In place of the clock that only goes forward. */
  monotonic?: () => number;
}

/** What instances of the service live in, and what outlives them. */
export interface Surroundings {
  plan: Plan;
  plant: Plant;
  time: VirtualTime;
  tables: MemoryTables;
  registry: Registry;
  topic: Topic;
  receiver: Receiver;
  tally: Tally;
  random: () => number;
}
