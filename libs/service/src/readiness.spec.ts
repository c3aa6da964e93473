import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { folderHasSpace, failedChecks } from './readiness.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'casewire-readiness-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('each thing that is missing is named with what is wrong, and what is there is not', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), {
    code: 'ECONNREFUSED',
  });
  const missing = await failedChecks({
    database: () => Promise.reject(refused),
    broker: () => null,
    views: () => 'the registry cannot be followed',
  });
  expect(missing).toEqual(['database: ECONNREFUSED', 'views: the registry cannot be followed']);
});

test('a check that does not end is a thing that is missing', async () => {
  const missing = await failedChecks({ database: () => new Promise(() => undefined) }, 20);
  expect(missing).toEqual(['database: no answer within 0.02 s']);
});

test('a folder has room, has too little, or cannot be one', async () => {
  const path = folder();
  expect(await failedChecks({ disk: folderHasSpace(join(path, 'new'), 1) })).toEqual([]);
  const [tooLittle] = await failedChecks({ disk: folderHasSpace(path, Number.MAX_SAFE_INTEGER) });
  expect(tooLittle).toMatch(/^disk: \d+ MB free, \d+ MB needed$/);
  writeFileSync(join(path, 'file'), '');
  expect(await failedChecks({ disk: folderHasSpace(join(path, 'file')) })).toEqual([
    'disk: EEXIST',
  ]);
});
