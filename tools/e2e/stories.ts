import { afterAll, beforeAll, describe } from 'vitest';

import { apiStories } from './stories/access.ts';
import { deliveryStories } from './stories/deliveries.ts';
import { outcomeStories } from './stories/outcomes.ts';
import { World } from './world.ts';

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
    outcomeStories(() => world);
    deliveryStories(() => world);
    apiStories(() => world);
  });
}
