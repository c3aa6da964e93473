// A test whose clean-up never ends.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { testFolder } from '../test-folder.ts';

const folder = testFolder('hanging');
afterEach(() => new Promise<never>(() => undefined), 100);

test('a file is created', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  expect(existsSync(file)).toBe(true);
});
