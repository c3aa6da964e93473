import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FolderBlobStore } from '@casewire/blobs';
import type { StageRequest, StageResult } from '@casewire/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { storedRequest } from '../test/stored-request.ts';
import { RunLock } from './run-lock.ts';
import { StageRuns } from './stage-runs.ts';
import type { StageWork } from './stage-work.ts';

const now = new Date('2026-11-01T12:00:00Z');
let folder: string;
let blobs: FolderBlobStore;
let published: StageResult[];
let worked: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-simulation-'));
  blobs = new FolderBlobStore(folder);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  published = [];
  worked = 0;
});

const work: StageWork = async () => {
  worked++;
  return { result: {} };
};

async function handle(
  simulate: NonNullable<StageRequest['simulate']>,
  more: Partial<StageRequest> = {},
  signal = new AbortController().signal,
): Promise<StageResult> {
  const runs = new StageRuns({
    blobs,
    publish: async (result) => void published.push(result),
    log: { info: () => undefined },
    now: () => now,
    lock: new RunLock(),
  });
  await runs.handle(await storedRequest(blobs, now, { simulate, ...more }), signal, work);
  return published[0]!;
}

test('a run that is to fail ends as SIMULATED_FAILURE without the work', async () => {
  expect(await handle({ fails: true, delaySeconds: 0 })).toMatchObject({
    status: 'failed',
    failure: { code: 'SIMULATED_FAILURE' },
  });
  expect(worked).toBe(0);
});

test('a run that is to be slow begins its work later', async () => {
  const started = performance.now();
  expect(await handle({ fails: false, delaySeconds: 1 })).toMatchObject({ status: 'completed' });
  expect(performance.now() - started).toBeGreaterThan(990);
  expect(worked).toBe(1);
});

test('a run that is slower than its deadline allows fails at the deadline', async () => {
  const deadline = new Date(now.getTime() + 50).toISOString();
  const result = await handle({ fails: false, delaySeconds: 86_400 }, { deadline });
  expect(result).toMatchObject({ status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } });
  expect(worked).toBe(0);
});

test('a slow run whose request is assigned to another process ends without a result', async () => {
  const controller = new AbortController();
  const handled = handle({ fails: false, delaySeconds: 86_400 }, {}, controller.signal);
  controller.abort(new Error('assigned to another process'));
  await expect(handled).rejects.toThrow('assigned to another process');
  expect([published, worked]).toEqual([[], 0]);
});

test('nothing is simulated in production, whatever the request says', async () => {
  const result = await handle({ fails: true, delaySeconds: 86_400 }, { environment: 'production' });
  expect(result).toMatchObject({ status: 'completed' });
});
