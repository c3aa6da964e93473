import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate } from '@casewire/samples';
import { Sandbox, type SandboxOptions } from '@casewire/sandbox';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import { inspect } from './inspect.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let scan: string;
let letter: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-inspection-load-'));
  scan = join(folder, 'scan.png');
  const { bytes } = await generate('payslip', { seed: 1 });
  await writeFile(scan, bytes);
  letter = join(folder, 'letter.pdf');
  await writeFile(letter, (await generate('invoice', { seed: 1 })).bytes);
});
afterAll(() => rm(folder, { recursive: true }));

const started: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of started.splice(0)) sandbox.stop();
});

function newSandbox(options: SandboxOptions = {}): Sandbox {
  const sandbox = new Sandbox({ warm: 0, ...options });
  started.push(sandbox);
  return sandbox;
}

function childrenOf(parent: number): number[] {
  const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', `${parent}`, '--no-headers'], {
    encoding: 'utf8',
  });
  return listed.trim().split(/\s+/).map(Number);
}

const expected = { mediaType: 'image/png', pages: 1 };

test('fifty concurrent inspections for several organizations succeed, within the limit of processes', async () => {
  const concurrency = 2;
  const sandbox = newSandbox({ concurrency });
  const counts: number[] = [];
  const ended: string[] = [];
  const all = Array.from({ length: 50 }, async (_, i) => {
    // All but three are of one organization.
    const organizationId = i < 47 ? 'large' : `small-${i}`;
    const found = await inspect(scan, { organizationId, sandbox });
    counts.push(running(sandbox).length);
    ended.push(organizationId);
    return found;
  });
  for (const found of await Promise.all(all)) expect(found).toMatchObject(expected);
  expect(counts).toHaveLength(50);
  expect(Math.max(...counts)).toBeLessThanOrEqual(concurrency);
  // The last three take turns with the others.
  const last = Math.max(...ended.map((name, i) => (name === 'large' ? 0 : i)));
  expect(last).toBeLessThan(12);
});

test('sandboxes that share a queue share its limit', async () => {
  const first = newSandbox({ concurrency: 1 });
  const second = newSandbox({ queue: first.queue });
  const counts: number[] = [];
  const inspectIn = async (sandbox: Sandbox) => {
    await inspect(scan, { sandbox });
    counts.push(running(first).length + running(second).length);
  };
  await Promise.all([first, second, first, second].map(inspectIn));
  expect(Math.max(...counts)).toBeLessThanOrEqual(1);
});

test('an inspection beyond the queue is refused, may be repeated, and is not the fault of the file', async () => {
  const sandbox = newSandbox({ concurrency: 1, maximumWaiting: 1 });
  const results = await Promise.allSettled(
    [1, 2, 3, 4].map(() => inspect(scan, { organizationId: 'one', sandbox })),
  );
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  expect(refused).toHaveLength(2);
  for (const error of refused)
    expect(error).toMatchObject({ code: 'SANDBOX_BUSY', retriable: true });
  expect(await inspect(scan, { sandbox })).toMatchObject(expected);
});

test('a job whose process is stopped is run again, and the document is accepted', async () => {
  const warnings: object[] = [];
  const sandbox = newSandbox({ warm: 1, log: { warn: (line) => warnings.push(line) } });
  await inspect(letter, { sandbox });
  // The idle process, which receives the next small file.
  const [waiting] = await vi.waitFor(() => {
    const found = running(sandbox);
    expect(found).toHaveLength(1);
    return found;
  });
  process.kill(waiting!, 'SIGSTOP');
  const found = await inspect(letter, { sandbox, limits: { wallMs: 10_000 } });
  expect(found).toEqual({ mediaType: 'application/pdf', pages: 1 });
  expect(warnings[0]).toMatchObject({
    event: 'sandbox.stalled',
    job: 'inspect.job.ts',
    tries: 1,
  });
});

test('where every process runs out of time, the document is not at fault', async () => {
  const inspection = inspect(scan, { sandbox: newSandbox(), limits: { wallMs: 1 } });
  await expect(inspection).rejects.toMatchObject({ retriable: true });
});

test('a document that uses up its processor time is too slow', async () => {
  // 25 megapixels take many times longer than the limit, which no page extends.
  const large = join(folder, 'large.png');
  const pixels = { width: 5000, height: 5000, channels: 3, background: 'white' } as const;
  await sharp({ create: pixels }).png({ compressionLevel: 1 }).toFile(large);
  const inspection = inspect(large, {
    sandbox: newSandbox(),
    limits: { parseMs: 1, parsePageMs: 0 },
  });
  await expect(inspection).rejects.toMatchObject({ code: 'DOCUMENT_TOO_SLOW', retriable: false });
});

function running(sandbox: Sandbox): number[] {
  const pid = sandbox.launcherPid;
  if (pid === undefined) return [];
  try {
    return childrenOf(pid);
  } catch {
    // ps exits with an error where there are none.
    return [];
  }
}
