import { afterEach, expect, test, vi } from 'vitest';

import { javaForKafka, ProgramMissing } from './jars.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a missing Java is an error that names it', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(javaForKafka()).rejects.toThrow(ProgramMissing);
  await expect(javaForKafka()).rejects.toThrow(/^java is needed in version 17 or newer/);
});
