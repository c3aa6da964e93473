import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, onTestFinished, test } from 'vitest';

import { prlimitCommand } from '../launcher/prlimit.ts';
import { type SandboxJob, Sandbox } from './sandbox.ts';

const jobFolders = [join(import.meta.dirname, '../../test/process')];
const lines: object[] = [];
const sandbox = new Sandbox({
  warm: 1,
  jobFolders,
  log: { warn: (line) => lines.push(line) },
});
afterAll(() => sandbox.stop());

const probe = (name: string) => new URL(`../../test/process/${name}.job.ts`, import.meta.url);
const run = (name: string, args: unknown, more: Partial<SandboxJob> = {}) =>
  sandbox.run({
    kind: 'pdf',
    job: probe(name),
    args,
    document: Buffer.from('document'),
    processorMs: 20_000,
    ...more,
  });

test('a job receives the complete document and returns complete blobs', async () => {
  const document = randomBytes(5_000_000);
  const { value, blobs } = await sandbox.run({
    kind: 'image',
    job: probe('echo'),
    args: 'ñ',
    document,
    processorMs: 20_000,
  });
  expect(value).toEqual({ size: document.length, text: 'ñ' });
  expect(blobs[0]!.equals(document)).toBe(true);
  expect(String(blobs[1])).toBe('ñ');
});

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'casewire-sandbox-spec-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'blobs');
}

test('the blobs of a job are written to a file', async () => {
  const blobsTo = temporaryFile();
  const document = randomBytes(5_000_000);
  const { value, blobs, blobSizes } = await run('echo', 'ñ', { document, blobsTo });
  expect(value).toEqual({ size: document.length, text: 'ñ' });
  expect([blobs, blobSizes]).toEqual([[], [document.length, 2]]);
  expect(readFileSync(blobsTo).equals(Buffer.concat([document, Buffer.from('ñ')]))).toBe(true);
});

test('a job that sends more than allowed is ended, and the document is at fault', async () => {
  const blobsTo = temporaryFile();
  const document = randomBytes(5_000_000);
  await expect(
    run('echo', '', { document, blobsTo, maximumAnswer: 1_000_000 }),
  ).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
  expect(readFileSync(blobsTo).length).toBeLessThanOrEqual(1_000_000);
});

test('blobs that cannot be written fail the job with the error of the system', async () => {
  const document = randomBytes(5_000_000);
  await expect(run('echo', '', { document, blobsTo: '/dev/full' })).rejects.toMatchObject({
    code: 'ENOSPC',
  });
});

test('a job reads no file, writes none, starts nothing and sees no environment', async () => {
  const { value } = await run('escape', null);
  expect(value).toEqual({
    refused: [
      'readFile: ERR_ACCESS_DENIED',
      'writeFile: ERR_ACCESS_DENIED',
      'spawn: ERR_ACCESS_DENIED',
      'worker: ERR_ACCESS_DENIED',
    ],
    environment: [],
  });
});

test('a job that never ends is killed by its limit of processor time, and the document is at fault', async () => {
  const started = performance.now();
  await expect(run('misbehave', 'loop', { processorMs: 400 })).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_SLOW',
    retriable: false,
  });
  expect(performance.now() - started).toBeLessThan(3000);
});

test('a job that only waits is not too slow', async () => {
  const { value } = await run('misbehave', 'sleep', { processorMs: 400 });
  expect(value).toBe('awake');
});

test('a process that is killed from outside is not the fault of its document', async () => {
  await expect(run('misbehave', 'killItself')).rejects.toMatchObject({
    code: 'SANDBOX_STALLED',
    retriable: true,
  });
});

test('the processor time of a job is reported, also where it failed', async () => {
  const spent: number[] = [];
  const onSpent = (ms: number) => spent.push(ms);
  await run('echo', '', { onSpent });
  await expect(run('misbehave', 'loop', { processorMs: 400, onSpent })).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_SLOW',
  });
  expect(spent).toHaveLength(2);
  expect(spent[0]).toBeLessThan(400);
  expect(spent[1]).toBeGreaterThanOrEqual(400);
});

test('a job that allocates two gigabytes is ended where the kernel limits it', async () => {
  const result = await run('misbehave', 'allocate').then(
    ({ value }) => value,
    ({ code }) => code,
  );
  expect(result).toBe(prlimitCommand() ? 'DOCUMENT_UNREADABLE' : 40);
});

test('a job that exits without a result makes the document unreadable', async () => {
  await expect(run('misbehave', 'exit')).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
});

test('a process that has answered is ended, also where its exit would wait', async () => {
  const wallMs = 10_000;
  const started = performance.now();
  const { value } = await run('misbehave', 'stayAlive', { wallMs });
  expect(value).toBe('answered');
  expect(performance.now() - started).toBeLessThan(wallMs);
});

test('a fault of the document keeps its code, and any other error of its reader is logged', async () => {
  await expect(run('misbehave', 'documentFault')).rejects.toMatchObject({
    code: 'DOCUMENT_ENCRYPTED',
  });
  await expect(run('misbehave', 'otherError')).rejects.toMatchObject({
    code: 'DOCUMENT_UNREADABLE',
  });
  expect(lines.at(-1)).toMatchObject({
    event: 'sandbox.job-failed',
    job: 'misbehave.job.ts',
    reason: 'a defect of the reader',
  });
});

test('a job that cannot be loaded is not the fault of the document', async () => {
  await expect(run('missing', null)).rejects.toMatchObject({
    code: 'SANDBOX_BROKEN',
    retriable: true,
  });
});

test('an aborted job rejects with the reason of the signal', async () => {
  const controller = new AbortController();
  const running = run('misbehave', 'loop', { signal: controller.signal });
  setImmediate(() => controller.abort(new Error('the consumer stops')));
  await expect(running).rejects.toThrow('the consumer stops');
});

test('a process that cannot start is not the fault of the document', async () => {
  const broken = new Sandbox({ warm: 0, jobFolders, prlimit: ['/usr/bin/env', 'false'] });
  const running = broken.run({
    kind: 'pdf',
    job: probe('echo'),
    args: '',
    document: Buffer.from('document'),
    processorMs: 20_000,
  });
  await expect(running).rejects.toMatchObject({ code: 'SANDBOX_BROKEN', retriable: true });
});

test('a missing document rejects with the error of the system', async () => {
  const running = sandbox.run({
    kind: 'pdf',
    job: probe('echo'),
    args: '',
    document: '/nowhere/document.pdf',
    processorMs: 20_000,
  });
  await expect(running).rejects.toMatchObject({ code: 'ENOENT' });
});

test('without prlimit a warning is logged, and jobs run', async () => {
  const events: string[] = [];
  const unlimited = new Sandbox({
    jobFolders,
    warm: 0,
    prlimit: null,
    log: { warn: ({ event }) => events.push(event) },
  });
  expect(events).toEqual(['sandbox.unlimited']);
  const { value } = await unlimited.run({
    kind: 'pdf',
    job: probe('echo'),
    args: 'x',
    document: Buffer.from('ab'),
    processorMs: 20_000,
  });
  expect(value).toEqual({ size: 2, text: 'x' });
});

test('prlimit is searched for on the search path', () => {
  expect(prlimitCommand('/nowhere')).toBeNull();
  expect(prlimitCommand('')).toBeNull();
});
