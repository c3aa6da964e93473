import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FolderBlobStore } from '@casewire/blobs';
import type { StageResult, StageRequest } from '@casewire/contracts';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { storedRequest } from '../test/stored-request.ts';
import { RunLock } from './run-lock.ts';
import { StageRuns } from './stage-runs.ts';
import type { StageWork } from './stage-work.ts';

const now = new Date('2026-11-01T12:00:00Z');
let folder: string;
let blobs: FolderBlobStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-exclusive-'));
  blobs = new FolderBlobStore(folder);
});
afterAll(() => rm(folder, { recursive: true }));

let published: StageResult[];
let lock: RunLock;
beforeEach(() => {
  published = [];
  lock = new RunLock();
});

const runsOf = (of: RunLock) =>
  new StageRuns({
    blobs,
    lock: of,
    publish: async (result) => {
      published.push(result);
    },
    log: { info: () => undefined },
    now: () => now,
  });
const notAborted = () => new AbortController().signal;
const request = (more: Partial<StageRequest> = {}) => storedRequest(blobs, now, more);

/** A request whose run was in progress when its process crashed. */
async function requestWithStarts(starts = [1], more: Partial<StageRequest> = {}) {
  const made = await request(more);
  for (const n of starts) await blobs.put(`runs/${made.runId}/start-${n}`, Buffer.from('{}'));
  return made;
}

/** Work that reports its start and ends when the test calls `end`. */
function controlledWork() {
  const started = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  let running = false;
  const work: StageWork = async () => {
    running = true;
    started.resolve();
    await end.promise;
    return { result: {} };
  };
  return {
    work,
    started: started.promise,
    end: () => {
      end.resolve();
    },
    get running() {
      return running;
    },
  };
}

const untilWaiting = (count: number) =>
  vi.waitFor(() => {
    expect(lock.waiting).toBe(count);
  });

test('a run that has a start is executed exclusively, also where the other runs are of other stages', async () => {
  const [before, exclusive, after] = [controlledWork(), controlledWork(), controlledWork()];
  const first = runsOf(lock).handle(await request(), notAborted(), before.work);
  await before.started;
  const second = runsOf(lock).handle(await requestWithStarts(), notAborted(), exclusive.work);
  await untilWaiting(1);
  const third = runsOf(lock).handle(await request(), notAborted(), after.work);
  await untilWaiting(2);
  expect(exclusive.running).toBe(false);
  before.end();
  await first;
  await exclusive.started;
  expect(after.running).toBe(false);
  exclusive.end();
  await second;
  await after.started;
  after.end();
  await third;
  expect(published.map(({ status, starts }) => [status, starts])).toEqual([
    ['completed', 1],
    ['completed', 2],
    ['completed', 1],
  ]);
});

test('a run with any remaining start is executed exclusively, also where its first start was withdrawn', async () => {
  const other = controlledWork();
  const running = runsOf(lock).handle(await request(), notAborted(), other.work);
  await other.started;
  const crashedRequest = await requestWithStarts([2]);
  const exclusive = controlledWork();
  const waiting = runsOf(lock).handle(crashedRequest, notAborted(), exclusive.work);
  await untilWaiting(1);
  expect(exclusive.running).toBe(false);
  exclusive.end();
  other.end();
  await Promise.all([running, waiting]);
  expect(published.at(-1)).toMatchObject({
    runId: crashedRequest.runId,
    status: 'completed',
    starts: 2,
  });
});

test('a run that is revoked while it waits leaves no start', async () => {
  const other = controlledWork();
  const running = runsOf(lock).handle(await request(), notAborted(), other.work);
  await other.started;
  const crashedRequest = await requestWithStarts();
  const controller = new AbortController();
  const waiting = runsOf(lock).handle(crashedRequest, controller.signal, controlledWork().work);
  await untilWaiting(1);
  controller.abort(new Error('the partition was revoked'));
  await expect(waiting).rejects.toThrow('the partition was revoked');
  expect(await blobs.exists(`runs/${crashedRequest.runId}/start-2`)).toBe(false);
  other.end();
  await running;
  expect(published).toHaveLength(1);
});

test('a run that waits beyond its deadline fails with DEADLINE_EXCEEDED, and not with CRASHED', async () => {
  const other = controlledWork();
  const running = runsOf(lock).handle(await request(), notAborted(), other.work);
  await other.started;
  const soon = new Date(now.getTime() + 50).toISOString();
  const crashedRequest = await requestWithStarts([1, 2], { deadline: soon });
  await runsOf(lock).handle(crashedRequest, notAborted(), controlledWork().work);
  expect(published).toMatchObject([
    { runId: crashedRequest.runId, status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } },
  ]);
  other.end();
  await running;
});

test('a run that another process finished during the wait is not executed again', async () => {
  const other = controlledWork();
  const running = runsOf(lock).handle(await request(), notAborted(), other.work);
  await other.started;
  const crashedRequest = await requestWithStarts();
  const waiting = runsOf(lock).handle(crashedRequest, notAborted(), async () => {
    throw new Error('must not run');
  });
  await untilWaiting(1);
  await runsOf(new RunLock()).handle(crashedRequest, notAborted(), async () => ({
    result: { elsewhere: true },
  }));
  other.end();
  await Promise.all([running, waiting]);
  const mine = published.filter(({ runId }) => runId === crashedRequest.runId);
  expect(mine).toHaveLength(2);
  expect(mine[1]).toEqual(mine[0]);
});
