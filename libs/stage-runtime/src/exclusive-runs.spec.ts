import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FolderBlobStore } from '@casewire/blobs';
import type { StageResult, StageRequest } from '@casewire/contracts';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { storedRequest } from '../test/stored-request.ts';
import { RunLock } from './run-lock.ts';
import { StageRuns, type StageWork } from './stage-runs.ts';

const now = new Date('2026-11-01T12:00:00Z');
let folder: string;
let blobs: FolderBlobStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-alone-'));
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
    publish: async (outcome) => {
      published.push(outcome);
    },
    log: { info: () => undefined },
    now: () => now,
  });
const alive = () => new AbortController().signal;
const request = (more: Partial<StageRequest> = {}) => storedRequest(blobs, now, more);

/** A request whose run was under way when its process died. */
async function startedBefore(starts = [1], more: Partial<StageRequest> = {}) {
  const made = await request(more);
  for (const n of starts) await blobs.put(`runs/${made.runId}/start-${n}`, Buffer.from('{}'));
  return made;
}

/** Work that says when it is under way, and ends when it is allowed to. */
function held() {
  const started = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  let underWay = false;
  const work: StageWork = async () => {
    underWay = true;
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
    get underWay() {
      return underWay;
    },
  };
}

const untilWaiting = (count: number) =>
  vi.waitFor(() => {
    expect(lock.waiting).toBe(count);
  });

test('a run that has a start already is worked on alone, in whichever stage of the process the others are', async () => {
  const [before, alone, after] = [held(), held(), held()];
  const first = runsOf(lock).handle(await request(), alive(), before.work);
  await before.started;
  const second = runsOf(lock).handle(await startedBefore(), alive(), alone.work);
  await untilWaiting(1);
  const third = runsOf(lock).handle(await request(), alive(), after.work);
  await untilWaiting(2);
  expect(alone.underWay).toBe(false);
  before.end();
  await first;
  await alone.started;
  expect(after.underWay).toBe(false);
  alone.end();
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

test('a start that stands after an earlier one was withdrawn makes its run one that is worked on alone', async () => {
  const other = held();
  const running = runsOf(lock).handle(await request(), alive(), other.work);
  await other.started;
  const asked = await startedBefore([2]);
  const alone = held();
  const waiting = runsOf(lock).handle(asked, alive(), alone.work);
  await untilWaiting(1);
  expect(alone.underWay).toBe(false);
  alone.end();
  other.end();
  await Promise.all([running, waiting]);
  expect(published.at(-1)).toMatchObject({ runId: asked.runId, status: 'completed', starts: 2 });
});

test('what is revoked while it waits leaves no start', async () => {
  const other = held();
  const running = runsOf(lock).handle(await request(), alive(), other.work);
  await other.started;
  const asked = await startedBefore();
  const controller = new AbortController();
  const waiting = runsOf(lock).handle(asked, controller.signal, held().work);
  await untilWaiting(1);
  controller.abort(new Error('the partition was revoked'));
  await expect(waiting).rejects.toThrow('the partition was revoked');
  expect(await blobs.exists(`runs/${asked.runId}/start-2`)).toBe(false);
  other.end();
  await running;
  expect(published).toHaveLength(1);
});

test('what waits beyond its deadline fails by it, and not as crashed', async () => {
  const other = held();
  const running = runsOf(lock).handle(await request(), alive(), other.work);
  await other.started;
  const soon = new Date(now.getTime() + 50).toISOString();
  const asked = await startedBefore([1, 2], { deadline: soon });
  await runsOf(lock).handle(asked, alive(), held().work);
  expect(published).toMatchObject([
    { runId: asked.runId, status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } },
  ]);
  other.end();
  await running;
});

test('what another process finished meanwhile is not worked on again', async () => {
  const other = held();
  const running = runsOf(lock).handle(await request(), alive(), other.work);
  await other.started;
  const asked = await startedBefore();
  const waiting = runsOf(lock).handle(asked, alive(), async () => {
    throw new Error('must not run');
  });
  await untilWaiting(1);
  await runsOf(new RunLock()).handle(asked, alive(), async () => ({ result: { elsewhere: true } }));
  other.end();
  await Promise.all([running, waiting]);
  const mine = published.filter(({ runId }) => runId === asked.runId);
  expect(mine).toHaveLength(2);
  expect(mine[1]).toEqual(mine[0]);
});
