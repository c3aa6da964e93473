import 'reflect-metadata';
import { expect, test } from 'vitest';

import { PlatformEnded, startedPlatform } from './started-platform.ts';

test('a platform that cannot start is reported with what it printed', async () => {
  const start = startedPlatform({ KAFKA_PORT: 'x' });
  await expect(start).rejects.toThrow(PlatformEnded);
  await expect(start).rejects.toThrow(/exit code 1:[^]*KAFKA_PORT/);
});
