import { afterAll, beforeAll, describe } from 'vitest';

import { apiStories } from './stories/access.ts';
import { deliveryStories } from './stories/deliveries.ts';
import { outcomeStories } from './stories/outcomes.ts';
import { scanStories } from './stories/scans.ts';
import { viewStories } from './stories/views.ts';
import { World, type RunningPlatform } from './world.ts';

/** The stories that are told of every platform, in whichever processes it runs. */
export function describePlatform(world: () => World<RunningPlatform>): void {
  outcomeStories(world);
  deliveryStories(world);
  apiStories(world);
  scanStories(world);
}

/** A broker for the platform to use; without an address the platform starts the embedded one. */
export interface StoryBroker {
  brokers?: string;
  stop(): Promise<void>;
}

/** The stories of the main job, from REST to a real receiver, on whichever broker there is. */
export function describeStories(name: string, startBroker: () => Promise<StoryBroker>): void {
  describe(name, () => {
    let world: World;
    let broker: StoryBroker;
    beforeAll(async () => {
      broker = await startBroker();
      world = await World.start({ ...(broker.brokers && { brokers: broker.brokers }) });
    });
    afterAll(async () => {
      await world?.stop();
      await broker?.stop();
    });
    describePlatform(() => world);
    viewStories(() => world);
  });
}
