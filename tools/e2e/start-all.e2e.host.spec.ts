import 'reflect-metadata';
import { afterAll, beforeAll, describe } from 'vitest';

import { dataFolder, StartAll } from '../dev/start-all.ts';
import { describePlatform } from './scenarios.ts';
import { TestPlatform, type RunningPlatform } from './test-platform.ts';

describe('the platform with one process per service', () => {
  let platform: TestPlatform<RunningPlatform>;
  beforeAll(async () => {
    const folder = dataFolder();
    const all = new StartAll(folder, { RETRY_TIME_FACTOR: '0.0005', OCR_WORKERS: '1' });
    const ready = await all.ready();
    platform = new TestPlatform({ ...ready, stop: () => all.destroy() }, folder);
  });
  afterAll(() => platform?.stop());
  describePlatform(() => platform);
});
