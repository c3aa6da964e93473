import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { prlimitCommand } from './prlimit.ts';
import { type SandboxJob, Sandbox } from './sandbox.ts';

const jobFolders = [join(import.meta.dirname, '../../test/process')];
const lines: object[] = [];
const containment = new Sandbox({
  warm: 1,
  jobFolders,
  log: { warn: (line) => lines.push(line) },
});
afterAll(() => containment.stop());

const probe = (name: string) => new URL(`../../test/process/${name}.job.ts`, import.meta.url);
const run = (name: string, args: unknown, more: Partial<SandboxJob> = {}) =>
  containment.run({
    kind: 'pdf',
    job: probe(name),
    args,
    document: Buffer.from('document'),
    processorMs: 20_000,
    ...more,
  });

test('a job gets the document whole and its blobs come back whole', async () => {
  const document = randomBytes(5_000_000);
  const { value, blobs } = await containment.run({
    kind: 'image',
    job: probe('echo'),
    args: 'ñ',
    document,
    processorMs: 20_000,
  });
  expect(value).toEqual({ size: document.length, said: 'ñ' });
  expect(blobs[0]!.equals(document)).toBe(true);
  expect(String(blobs[1])).toBe('ñ');
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

test('a job that never ends is ended by its processor time, and the document is at fault', async () => {
  const started = performance.now();
  await expect(run('misbehave', 'loop', { processorMs: 400 })).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_SLOW',
    retriable: false,
  });
  expect(performance.now() - started).toBeLessThan(3000);
});

test('a job that only waits is not too slow, however little processor time it may use', async () => {
  const { value } = await run('misbehave', 'sleep', { processorMs: 400 });
  expect(value).toBe('awake');
});

test('a child that is killed from outside says nothing about its document', async () => {
  await expect(run('misbehave', 'die')).rejects.toMatchObject({
    code: 'SANDBOX_STALLED',
    retriable: true,
  });
});

test('the processor time of a job is told, also of one that failed', async () => {
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

test('a job that devours two gigabytes is ended where the kernel holds it', async () => {
  const outcome = await run('misbehave', 'devour').then(
    ({ value }) => value,
    ({ code }) => code,
  );
  expect(outcome).toBe(prlimitCommand() ? 'DOCUMENT_UNREADABLE' : 40);
});

test('a job that ends without an answer leaves the document unreadable', async () => {
  await expect(run('misbehave', 'end')).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
});

test('a child that has answered is gone, whatever its exit would have waited for', async () => {
  const wallMs = 10_000;
  const started = performance.now();
  const { value } = await run('misbehave', 'cling', { wallMs });
  expect(value).toBe('answered');
  expect(performance.now() - started).toBeLessThan(wallMs);
});

test('a fault of the document keeps its code, whatever else its reader throws is told in the log', async () => {
  await expect(run('misbehave', 'document')).rejects.toMatchObject({ code: 'DOCUMENT_ENCRYPTED' });
  await expect(run('misbehave', 'fault')).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
  expect(lines.at(-1)).toMatchObject({
    event: 'containment.job-failed',
    job: 'misbehave.job.ts',
    said: 'a mistake of ours',
  });
});

test('a job that cannot be loaded is no fault of the document', async () => {
  await expect(run('missing', null)).rejects.toMatchObject({
    code: 'SANDBOX_BROKEN',
    retriable: true,
  });
});

test('aborting ends the job with the reason that was given', async () => {
  const controller = new AbortController();
  const running = run('misbehave', 'loop', { signal: controller.signal });
  setImmediate(() => controller.abort(new Error('the consumer stops')));
  await expect(running).rejects.toThrow('the consumer stops');
});

test('a child that cannot start is no fault of the document', async () => {
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

test('a document that is not there is told as the system tells it', async () => {
  const running = containment.run({
    kind: 'pdf',
    job: probe('echo'),
    args: '',
    document: '/nowhere/document.pdf',
    processorMs: 20_000,
  });
  await expect(running).rejects.toMatchObject({ code: 'ENOENT' });
});

test('where prlimit is missing that is said, and jobs run all the same', async () => {
  const events: string[] = [];
  const unbounded = new Sandbox({
    jobFolders,
    warm: 0,
    prlimit: null,
    log: { warn: ({ event }) => events.push(event) },
  });
  expect(events).toEqual(['containment.unbounded']);
  const { value } = await unbounded.run({
    kind: 'pdf',
    job: probe('echo'),
    args: 'x',
    document: Buffer.from('ab'),
    processorMs: 20_000,
  });
  expect(value).toEqual({ size: 2, said: 'x' });
});

test('prlimit is looked for on the search path', () => {
  expect(prlimitCommand('/nowhere')).toBeNull();
  expect(prlimitCommand('')).toBeNull();
});
