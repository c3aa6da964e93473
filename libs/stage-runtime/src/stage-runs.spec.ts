import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { FolderBlobStore } from '@casewire/blobs';
import { type StageResult, type StageRequest } from '@casewire/contracts';
import { RecognizerBroken } from '@casewire/reading';
import { SandboxBusy, SandboxStalled, DocumentError } from '@casewire/sandbox';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { storedRequest } from '../test/stored-request.ts';
import { RunLock } from './run-lock.ts';
import { StageFailed } from './stage-failure.ts';
import { type PublishResult, StageRuns } from './stage-runs.ts';
import type { StageWork } from './stage-work.ts';

const now = new Date('2026-11-01T12:00:00Z');
let folder: string;
let blobs: FolderBlobStore;
let published: StageResult[];
let lines: object[];
let runs: StageRuns;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-runs-'));
  blobs = new FolderBlobStore(folder);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  published = [];
  lines = [];
  runs = makeRuns();
});

const makeRuns = (more: { publish?: PublishResult; lock?: RunLock } = {}) =>
  new StageRuns({
    blobs,
    publish: async (result) => {
      published.push(result);
    },
    log: { info: (fields) => lines.push(fields) },
    now: () => now,
    ...more,
  });

const request = (more: Partial<StageRequest> = {}) => storedRequest(blobs, now, more);

const notAborted = () => new AbortController().signal;
const succeed: StageWork = async () => ({ result: { seen: true }, documentType: 'invoice' });
const untilAborted: StageWork = async (_, { signal }) => {
  // On a busy machine the deadline may have passed before the work starts.
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
};
const fail = (error: Error): StageWork => {
  const work: StageWork = async () => {
    throw error;
  };
  return work;
};

test('the result of the work is stored under its hash before the stage result is published', async () => {
  const stageRequest = await request();
  let readable: string | null = null;
  const checking = makeRuns({
    publish: async (result) => {
      readable = String(await blobs.read(result.status === 'completed' ? result.result.key : ''));
    },
  });
  await checking.handle(stageRequest, notAborted(), succeed);
  expect(readable).toBe('{"seen":true}');
  await runs.handle(stageRequest, notAborted(), succeed);
  const [stageResult] = published;
  expect(stageResult).toMatchObject({
    status: 'completed',
    documentType: 'invoice',
    starts: 1,
    stage: 'classification',
  });
  expect(stageResult).toMatchObject({
    result: {
      key: expect.stringMatching(
        new RegExp(
          `^results/${stageRequest.organizationId}/${stageRequest.runId}/[0-9a-f]{64}.json$`,
        ),
      ),
      size: 13,
    },
  });
});

test('the facts of the work are part of the stage result; without facts there are none', async () => {
  const facts = { stage: 'classification', confidence: 0.9 } as const;
  await runs.handle(await request(), notAborted(), async () => ({ result: {}, facts }));
  await runs.handle(await request(), notAborted(), succeed);
  expect(published[0]).toMatchObject({ status: 'completed', facts });
  expect(published[1]).not.toHaveProperty('facts');
});

test('a repeated delivery publishes the stored result and does no work', async () => {
  const stageRequest = await request();
  await runs.handle(stageRequest, notAborted(), succeed);
  await runs.handle(stageRequest, notAborted(), fail(new Error('must not run')));
  expect(published[1]).toEqual(published[0]);
});

test('two processes with the same run publish the same result, the first stored one', async () => {
  const stageRequest = await request();
  const slow = Promise.withResolvers<void>();
  const late = makeRuns({ lock: new RunLock() }).handle(stageRequest, notAborted(), async () => {
    await slow.promise;
    return { result: { late: true } };
  });
  await runs.handle(stageRequest, notAborted(), succeed);
  slow.resolve();
  await late;
  expect(published).toHaveLength(2);
  expect(published[1]).toEqual(published[0]);
});

test.each([
  [
    new StageFailed('DOCUMENT_TYPE_UNKNOWN', 'the document has no known type'),
    'DOCUMENT_TYPE_UNKNOWN',
  ],
  [new DocumentError('DOCUMENT_ENCRYPTED', 'the PDF asks for a password'), 'DOCUMENT_ENCRYPTED'],
])('an expected failure is a stage result: %s', async (error, code) => {
  await runs.handle(await request(), notAborted(), fail(error));
  expect(published).toMatchObject([{ status: 'failed', failure: { code, detail: error.message } }]);
});

test('a run that was started three times without an end fails with CRASHED', async () => {
  const stageRequest = await request();
  for (const n of [1, 2, 3])
    await blobs.put(`runs/${stageRequest.runId}/start-${n}`, Buffer.from('{}'));
  await runs.handle(stageRequest, notAborted(), succeed);
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'CRASHED' }, starts: 3 }]);
});

test('a run that was started twice before counts its third start', async () => {
  const stageRequest = await request();
  for (const n of [1, 2])
    await blobs.put(`runs/${stageRequest.runId}/start-${n}`, Buffer.from('{}'));
  await runs.handle(stageRequest, notAborted(), succeed);
  expect(published).toMatchObject([{ status: 'completed', starts: 3 }]);
});

test('a request past its deadline fails without work', async () => {
  const stageRequest = await request({ deadline: now.toISOString() });
  await runs.handle(stageRequest, notAborted(), fail(new Error('must not run')));
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } }]);
});

test('work beyond its deadline is aborted and fails', async () => {
  const stageRequest = await request({ deadline: new Date(now.getTime() + 30).toISOString() });
  await runs.handle(stageRequest, notAborted(), untilAborted);
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } }]);
});

test('aborted work publishes nothing and does not count as a start', async () => {
  const stageRequest = await request();
  const controller = new AbortController();
  const running = runs.handle(stageRequest, controller.signal, async () => {
    controller.abort(new Error('the partition was revoked'));
    return { result: {} };
  });
  await expect(running).rejects.toThrow('the partition was revoked');
  expect(published).toEqual([]);
  await runs.handle(stageRequest, notAborted(), succeed);
  expect(published).toMatchObject([{ status: 'completed', starts: 1 }]);
});

test('a process that stops waits until its aborted runs have withdrawn their starts', async () => {
  const stageRequest = await request();
  const controller = new AbortController();
  const started = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const running = runs.handle(stageRequest, controller.signal, async () => {
    started.resolve();
    await mayEnd.promise;
    throw controller.signal.reason;
  });
  const refused = running.catch((error: Error) => error.message);
  await started.promise;
  controller.abort(new Error('the consumer stopped'));
  let settled = false;
  const settling = runs.settled().then(() => (settled = true));
  await turn();
  expect(settled).toBe(false);
  mayEnd.resolve();
  await settling;
  expect(await blobs.exists(`runs/${stageRequest.runId}/start-1`)).toBe(false);
  expect(await refused).toBe('the consumer stopped');
});

test('an error of the system is no stage result, and is retriable for ever', async () => {
  const stageRequest = await request();
  const full = Object.assign(new Error('ENOSPC: no space left'), {
    syscall: 'write',
    code: 'ENOSPC',
  });
  await expect(runs.handle(stageRequest, notAborted(), fail(full))).rejects.toMatchObject({
    code: 'STAGE_UNAVAILABLE',
    retriable: 'forever',
  });
  const broken = Object.assign(new Error('no process'), { code: 'SANDBOX_BROKEN' });
  for (const machine of [
    broken,
    new SandboxStalled('its time ran out'),
    new SandboxBusy(),
    new RecognizerBroken('its time ran out'),
  ]) {
    await expect(runs.handle(stageRequest, notAborted(), fail(machine))).rejects.toMatchObject({
      retriable: 'forever',
    });
  }
  await expect(
    runs.handle(stageRequest, notAborted(), fail(new TypeError('a defect'))),
  ).rejects.toThrow('a defect');
  expect(published).toEqual([]);
  await runs.handle(stageRequest, notAborted(), succeed);
  expect(published).toMatchObject([{ status: 'completed', starts: 1 }]);
});

test('a result that could not be published is published unchanged by the next delivery', async () => {
  const stageRequest = await request();
  const disconnected = makeRuns({ publish: () => Promise.reject(new Error('the broker is away')) });
  await expect(disconnected.handle(stageRequest, notAborted(), succeed)).rejects.toThrow(
    'the broker is away',
  );
  await runs.handle(stageRequest, notAborted(), fail(new Error('must not run')));
  expect(published).toMatchObject([{ status: 'completed', starts: 1 }]);
});

test('a document that is erased during the work leaves no result', async () => {
  const stageRequest = await request();
  let image = '';
  await runs.handle(stageRequest, notAborted(), async (_, { storeImage }) => {
    image = await storeImage(Buffer.from('png'));
    await blobs.remove(stageRequest.document.key);
    return { result: {} };
  });
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'DOCUMENT_ERASED' } }]);
  expect(await blobs.exists(image)).toBe(false);
});

test('a run is logged in one line', async () => {
  const stageRequest = await request();
  await runs.handle(stageRequest, notAborted(), succeed);
  expect(lines).toMatchObject([
    {
      event: 'stage.completed',
      runId: stageRequest.runId,
      stage: 'classification',
      starts: 1,
      code: null,
    },
  ]);
});
