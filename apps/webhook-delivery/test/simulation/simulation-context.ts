import type { MemoryTables } from '../memory-lane-store/memory-tables.ts';
import type { EventCounts } from './event-counts.ts';
import type { Plan } from './plan.ts';
import type { Receiver } from './receiver.ts';
import type { Registry } from './registry.ts';
import type { SimulatedStore } from './simulated-store.ts';
import type { Topic } from './topic.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A deliberate fault that the simulation must find. */
export interface SeededBug {
  store?: typeof SimulatedStore;
  /** Replaces the monotonic clock. */
  monotonic?: () => number;
}

/** The simulated systems that the instances of the service share, and that outlive them. */
export interface SimulationContext {
  plan: Plan;
  seededBug: SeededBug;
  time: VirtualTime;
  tables: MemoryTables;
  registry: Registry;
  topic: Topic;
  receiver: Receiver;
  counts: EventCounts;
  random: () => number;
}
