import 'reflect-metadata';
import { afterAll, beforeAll, describe } from 'vitest';

import { dataFolder, StartAll } from '../dev/start-all.ts';
import { describePlatform } from './stories.ts';
import { World, type RunningPlatform } from './world.ts';

describe('the main job with one process per service', () => {
  let world: World<RunningPlatform>;
  beforeAll(async () => {
    const folder = dataFolder();
    const all = new StartAll(folder, { RETRY_TIME_FACTOR: '0.0005', OCR_WORKERS: '1' });
    const ready = await all.ready();
    world = new World({ ...ready, stop: () => all.destroy() }, folder);
  });
  afterAll(() => world?.stop());
  describePlatform(() => world);
});
