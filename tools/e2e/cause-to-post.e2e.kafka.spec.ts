import 'reflect-metadata';
import { startApacheKafka } from '@casewire/apache-kafka';
import { testFolder } from '@casewire/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { statusScenarios } from './cause-to-post/truenroll-status.ts';
import { requirementScenarios } from './cause-to-post/truework-answers.ts';
import { trueworkCompletionScenarios } from './cause-to-post/truework-completion.ts';
import { reviewScenarios } from './cause-to-post/trustgate.ts';
import { trustidScenarios } from './cause-to-post/trustid.ts';
import { truvOrderScenarios } from './cause-to-post/truv-orders.ts';
import { truvRefreshScenarios } from './cause-to-post/truv-refreshes.ts';
import { startedPlatform } from './started-platform.ts';
import type { RunningPlatform, TestPlatform } from './test-platform.ts';

const directory = testFolder('cause-to-post-kafka');

describe('on Apache Kafka', () => {
  let kafka: Awaited<ReturnType<typeof startApacheKafka>>;
  let platform: TestPlatform<RunningPlatform>;
  beforeAll(async () => {
    kafka = await startApacheKafka({ directory });
    platform = await startedPlatform({ KAFKA_BROKERS: kafka.brokers });
  });
  afterAll(async () => {
    await platform?.stop();
    await kafka?.stop();
  });

  test('the platform uses its broker', () => {
    expect(platform.brokers).toBe(kafka.brokers);
  });

  statusScenarios(() => platform);
  reviewScenarios(() => platform);
  trustidScenarios(() => platform);
  trueworkCompletionScenarios(() => platform);
  requirementScenarios(() => platform);
  truvOrderScenarios(() => platform);
  truvRefreshScenarios(() => platform);
});
