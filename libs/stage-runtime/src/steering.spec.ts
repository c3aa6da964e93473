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
  folder = await mkdtemp(join(tmpdir(), 'casewire-steering-'));
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
  expect(await handle({ fails: true })).toMatchObject({
    status: 'failed',
    failure: { code: 'SIMULATED_FAILURE' },
  });
  expect(worked).toBe(0);
});

test('nothing is steered in production, whatever the request says', async () => {
  const result = await handle({ fails: true }, { environment: 'production' });
  expect(result).toMatchObject({ status: 'completed' });
});
