import { afterAll, beforeAll, describe } from 'vitest';

import { describeAppending } from './appending.ts';
import { describeConsumingByKey } from './by-key.ts';
import { describeConsumingInBatches } from './in-batches.ts';
import { describeNestHandlers } from './nest-handlers.ts';
import { describePoison } from './poison.ts';
import { describeReadIndex } from './read-index.ts';
import { describeRebalancing } from './rebalancing.ts';
import { describeReferenceViews } from './reference-views.ts';
import { describeRestarts } from './restarts.ts';
import type { TestBroker } from './test-broker.ts';
import { describeTracing } from './tracing.ts';

/**
 * The guarantees of the event log on every broker. A broker that cannot be started fails the run.
 *
 * @param name the name of the broker, for the report.
 * @param startBroker starts a broker without data, which allows sessions of consumer groups of 2 s.
 */
export function describeEventLog(name: string, startBroker: () => Promise<TestBroker>): void {
  describe(`the event log on ${name}`, { timeout: 30_000 }, () => {
    let started: TestBroker | undefined;
    beforeAll(async () => {
      started = await startBroker();
    }, 180_000);
    afterAll(async () => {
      await started?.stop();
    }, 30_000);
    const broker = () => {
      if (!started) throw new Error(`${name} is not running`);
      return started;
    };
    describeAppending(broker);
    describeConsumingByKey(broker);
    describeConsumingInBatches(broker);
    describePoison(broker);
    describeReferenceViews(broker);
    describeReadIndex(broker);
    describeNestHandlers(broker);
    describeTracing(broker);
    describeRebalancing(broker);
    describeRestarts(broker);
  });
}
