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

test('failed checks are listed with their problem, and passed checks are not', async () => {
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

test('a check that times out is listed', async () => {
  const missing = await failedChecks({ database: () => new Promise(() => undefined) }, 20);
  expect(missing).toEqual(['database: no response within 0.02 s']);
});

test('a folder with enough space passes, one with too little and one that cannot be created fail', async () => {
  const path = folder();
  expect(await failedChecks({ disk: folderHasSpace(join(path, 'new'), 1) })).toEqual([]);
  const [tooLittle] = await failedChecks({ disk: folderHasSpace(path, Number.MAX_SAFE_INTEGER) });
  expect(tooLittle).toMatch(/^disk: \d+ MB free, \d+ MB needed$/);
  writeFileSync(join(path, 'file'), '');
  expect(await failedChecks({ disk: folderHasSpace(join(path, 'file')) })).toEqual([
    'disk: EEXIST',
  ]);
});
