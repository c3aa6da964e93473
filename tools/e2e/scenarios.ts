import { afterAll, beforeAll, describe } from 'vitest';

import { accessScenarios } from './scenarios/access.ts';
import { deliveryScenarios } from './scenarios/deliveries.ts';
import { orderScenarios } from './scenarios/orders.ts';
import { resultScenarios } from './scenarios/results.ts';
import { scanScenarios } from './scenarios/scans.ts';
import { viewScenarios } from './scenarios/views.ts';
import { TestPlatform, type RunningPlatform } from './test-platform.ts';

/** The scenarios that every platform passes, whether its services run in one process or in many. */
export function describePlatform(platform: () => TestPlatform<RunningPlatform>): void {
  resultScenarios(platform);
  deliveryScenarios(platform);
  accessScenarios(platform);
  scanScenarios(platform);
  orderScenarios(platform);
}

/** A broker for the platform; without an address the platform starts the embedded broker. */
export interface ScenarioBroker {
  brokers?: string;
  stop(): Promise<void>;
}

/** All scenarios, from REST to a real receiver, on the given broker. */
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
