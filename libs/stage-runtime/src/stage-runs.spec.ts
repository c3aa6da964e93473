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
import { type PublishResult, StageRuns, type StageWork } from './stage-runs.ts';

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
    publish: async (outcome) => {
      published.push(outcome);
    },
    log: { info: (fields) => lines.push(fields) },
    now: () => now,
    ...more,
  });

const request = (more: Partial<StageRequest> = {}) => storedRequest(blobs, now, more);

const alive = () => new AbortController().signal;
const succeed: StageWork = async () => ({ result: { seen: true }, documentType: 'invoice' });
const untilAborted: StageWork = async (_, { signal }) => {
  await once(signal, 'abort');
  throw signal.reason;
};
const fail = (error: Error): StageWork => {
  const work: StageWork = async () => {
    throw error;
  };
  return work;
};

test('work that is done is stored under its hash before its outcome is published', async () => {
  const asked = await request();
  let readable: string | null = null;
  const checking = makeRuns({
    publish: async (outcome) => {
      readable = String(await blobs.read(outcome.status === 'completed' ? outcome.result.key : ''));
    },
  });
  await checking.handle(asked, alive(), succeed);
  expect(readable).toBe('{"seen":true}');
  await runs.handle(asked, alive(), succeed);
  const [outcome] = published;
  expect(outcome).toMatchObject({
    status: 'completed',
    documentType: 'invoice',
    starts: 1,
    stage: 'classification',
  });
  expect(outcome).toMatchObject({
    result: {
      key: expect.stringMatching(
        new RegExp(`^results/${asked.organizationId}/${asked.runId}/[0-9a-f]{64}.json$`),
      ),
      size: 13,
    },
  });
});

test('a delivery that is repeated publishes the stored outcome and does no work', async () => {
  const asked = await request();
  await runs.handle(asked, alive(), succeed);
  await runs.handle(asked, alive(), fail(new Error('must not run')));
  expect(published[1]).toEqual(published[0]);
});

test('of two processes that work at once the first stored outcome is what both publish', async () => {
  const asked = await request();
  const slow = Promise.withResolvers<void>();
  const late = makeRuns({ lock: new RunLock() }).handle(asked, alive(), async () => {
    await slow.promise;
    return { result: { late: true } };
  });
  await runs.handle(asked, alive(), succeed);
  slow.resolve();
  await late;
  expect(published).toHaveLength(2);
  expect(published[1]).toEqual(published[0]);
});

test.each([
  [
    new StageFailed('DOCUMENT_TYPE_UNKNOWN', 'nothing is known of this document'),
    'DOCUMENT_TYPE_UNKNOWN',
  ],
  [new DocumentError('DOCUMENT_ENCRYPTED', 'the PDF asks for a password'), 'DOCUMENT_ENCRYPTED'],
])('an expected failure is an outcome: %s', async (error, code) => {
  await runs.handle(await request(), alive(), fail(error));
  expect(published).toMatchObject([{ status: 'failed', failure: { code, detail: error.message } }]);
});

test('a run that was started three times without an end has crashed', async () => {
  const asked = await request();
  for (const n of [1, 2, 3]) await blobs.put(`runs/${asked.runId}/start-${n}`, Buffer.from('{}'));
  await runs.handle(asked, alive(), succeed);
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'CRASHED' }, starts: 3 }]);
});

test('a run that was started twice before counts its third start', async () => {
  const asked = await request();
  for (const n of [1, 2]) await blobs.put(`runs/${asked.runId}/start-${n}`, Buffer.from('{}'));
  await runs.handle(asked, alive(), succeed);
  expect(published).toMatchObject([{ status: 'completed', starts: 3 }]);
});

test('a request past its deadline fails without work', async () => {
  const asked = await request({ deadline: now.toISOString() });
  await runs.handle(asked, alive(), fail(new Error('must not run')));
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } }]);
});

test('work that runs into its deadline is aborted and fails', async () => {
  const asked = await request({ deadline: new Date(now.getTime() + 30).toISOString() });
  await runs.handle(asked, alive(), untilAborted);
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } }]);
});

test('aborted work publishes nothing and does not count as a start', async () => {
  const asked = await request();
  const controller = new AbortController();
  const running = runs.handle(asked, controller.signal, async () => {
    controller.abort(new Error('the partition was revoked'));
    return { result: {} };
  });
  await expect(running).rejects.toThrow('the partition was revoked');
  expect(published).toEqual([]);
  await runs.handle(asked, alive(), succeed);
  expect(published).toMatchObject([{ status: 'completed', starts: 1 }]);
});

test('a process that stops waits until the runs that it aborted have withdrawn their starts', async () => {
  const asked = await request();
  const controller = new AbortController();
  const started = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const running = runs.handle(asked, controller.signal, async () => {
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
  expect(await blobs.exists(`runs/${asked.runId}/start-1`)).toBe(false);
  expect(await refused).toBe('the consumer stopped');
});

test('a fault of the system is no outcome, and is told as one to wait for', async () => {
  const asked = await request();
  const full = Object.assign(new Error('ENOSPC: no space left'), {
    syscall: 'write',
    code: 'ENOSPC',
  });
  await expect(runs.handle(asked, alive(), fail(full))).rejects.toMatchObject({
    code: 'STAGE_UNAVAILABLE',
    retriable: 'forever',
  });
  const broken = Object.assign(new Error('no child'), { code: 'SANDBOX_BROKEN' });
  for (const machine of [
    broken,
    new SandboxStalled('its time ran out'),
    new SandboxBusy(),
    new RecognizerBroken('its time ran out'),
  ]) {
    await expect(runs.handle(asked, alive(), fail(machine))).rejects.toMatchObject({
      retriable: 'forever',
    });
  }
  await expect(runs.handle(asked, alive(), fail(new TypeError('a mistake')))).rejects.toThrow(
    'a mistake',
  );
  expect(published).toEqual([]);
  await runs.handle(asked, alive(), succeed);
  expect(published).toMatchObject([{ status: 'completed', starts: 1 }]);
});

test('an outcome that could not be published is published by the next delivery, unchanged', async () => {
  const asked = await request();
  const cut = makeRuns({ publish: () => Promise.reject(new Error('the broker is away')) });
  await expect(cut.handle(asked, alive(), succeed)).rejects.toThrow('the broker is away');
  await runs.handle(asked, alive(), fail(new Error('must not run')));
  expect(published).toMatchObject([{ status: 'completed', starts: 1 }]);
});

test('a document that is erased while it is worked on leaves no result', async () => {
  const asked = await request();
  let image = '';
  await runs.handle(asked, alive(), async (_, { storeImage }) => {
    image = await storeImage(Buffer.from('png'));
    await blobs.remove(asked.document.key);
    return { result: {} };
  });
  expect(published).toMatchObject([{ status: 'failed', failure: { code: 'DOCUMENT_ERASED' } }]);
  expect(await blobs.exists(image)).toBe(false);
});

test('one line tells of a run', async () => {
  const asked = await request();
  await runs.handle(asked, alive(), succeed);
  expect(lines).toMatchObject([
    {
      event: 'stage.completed',
      runId: asked.runId,
      stage: 'classification',
      starts: 1,
      code: null,
    },
  ]);
});
