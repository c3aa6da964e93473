import { afterAll, beforeAll, describe } from 'vitest';

import { accessScenarios } from './scenarios/access.ts';
import { deliveryScenarios } from './scenarios/deliveries.ts';
import { resultScenarios } from './scenarios/results.ts';
import { scanScenarios } from './scenarios/scans.ts';
import { viewScenarios } from './scenarios/views.ts';
import { TestPlatform, type RunningPlatform } from './test-platform.ts';

/** The stories that are told of every platform, in whichever processes it runs. */
export function describePlatform(platform: () => TestPlatform<RunningPlatform>): void {
  resultScenarios(platform);
  deliveryScenarios(platform);
  accessScenarios(platform);
  scanScenarios(platform);
}

/** A broker for the platform to use; without an address the platform starts the embedded one. */
export interface ScenarioBroker {
  brokers?: string;
  stop(): Promise<void>;
}

/** The stories of the main job, from REST to a real receiver, on whichever broker there is. */
export function describeScenarios(name: string, startBroker: () => Promise<ScenarioBroker>): void {
  describe(name, () => {
    let platform: TestPlatform;
    let broker: ScenarioBroker;
    beforeAll(async () => {
      broker = await startBroker();
      platform = await TestPlatform.start({ ...(broker.brokers && { brokers: broker.brokers }) });
    });
    afterAll(async () => {
      await platform?.stop();
      await broker?.stop();
    });
    describePlatform(() => platform);
    viewScenarios(() => platform);
  });
}
