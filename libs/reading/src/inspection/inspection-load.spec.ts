import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate } from '@casewire/samples';
import { Sandbox, type SandboxOptions } from '@casewire/sandbox';
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
  for (const containment of started.splice(0)) containment.stop();
});

function contained(options: SandboxOptions = {}): Sandbox {
  const containment = new Sandbox({ warm: 0, ...options });
  started.push(containment);
  return containment;
}

function childrenOf(parent: number): number[] {
  const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', `${parent}`, '--no-headers'], {
    encoding: 'utf8',
  });
  return listed.trim().split(/\s+/).map(Number);
}

const whole = { mediaType: 'image/png', pages: 1 };

test('fifty inspections at once for several organizations are all answered, by no more children than may run', async () => {
  const atOnce = 2;
  const containment = contained({ atOnce });
  const counts: number[] = [];
  const ended: string[] = [];
  const all = Array.from({ length: 50 }, async (_, i) => {
    // One organization asks for all but three.
    const organizationId = i < 47 ? 'large' : `small-${i}`;
    const found = await inspect(scan, { organizationId, containment });
    counts.push(running(containment).length);
    ended.push(organizationId);
    return found;
  });
  for (const found of await Promise.all(all)) expect(found).toMatchObject(whole);
  expect(counts).toHaveLength(50);
  expect(Math.max(...counts)).toBeLessThanOrEqual(atOnce);
  // Those of the others take their turns, though they came last.
  const last = Math.max(...ended.map((name, i) => (name === 'large' ? 0 : i)));
  expect(last).toBeLessThan(12);
});

test('containments that share a queue keep its bound together', async () => {
  const first = contained({ atOnce: 1 });
  const second = contained({ queue: first.queue });
  const counts: number[] = [];
  const look = async (containment: Sandbox) => {
    await inspect(scan, { containment });
    counts.push(running(first).length + running(second).length);
  };
  await Promise.all([first, second, first, second].map(look));
  expect(Math.max(...counts)).toBeLessThanOrEqual(1);
});

test('an inspection past the queue is refused for now, and is no fault of the file', async () => {
  const containment = contained({ atOnce: 1, queueLength: 1 });
  const results = await Promise.allSettled(
    [1, 2, 3, 4].map(() => inspect(scan, { organizationId: 'one', containment })),
  );
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  expect(refused).toHaveLength(2);
  for (const error of refused)
    expect(error).toMatchObject({ code: 'SANDBOX_BUSY', retriable: true });
  expect(await inspect(scan, { containment })).toMatchObject(whole);
});

test('a child that is stopped is tried again, and the document is fine', async () => {
  const warnings: object[] = [];
  const containment = contained({ warm: 1, log: { warn: (line) => warnings.push(line) } });
  await inspect(letter, { containment });
  // The one that waits for the next document: a small file is given to it.
  const [waiting] = await vi.waitFor(() => {
    const found = running(containment);
    expect(found).toHaveLength(1);
    return found;
  });
  process.kill(waiting!, 'SIGSTOP');
  const found = await inspect(letter, { containment, limits: { wallMs: 10_000 } });
  expect(found).toEqual({ mediaType: 'application/pdf', pages: 1 });
  expect(warnings[0]).toMatchObject({
    event: 'containment.stalled',
    job: 'inspect.job.ts',
    tries: 1,
  });
});

test('a document is not blamed where no child comes to its end in time', async () => {
  const looking = inspect(scan, { containment: contained(), limits: { wallMs: 1 } });
  await expect(looking).rejects.toMatchObject({ retriable: true });
});

test('a document that uses up its processor time is too slow', async () => {
  const looking = inspect(scan, { containment: contained(), limits: { parseMs: 1 } });
  await expect(looking).rejects.toMatchObject({ code: 'DOCUMENT_TOO_SLOW', retriable: false });
});

function running(containment: Sandbox): number[] {
  const pid = containment.launcherPid;
  if (pid === undefined) return [];
  try {
    return childrenOf(pid);
  } catch {
    // ps says by its exit code that there are none.
    return [];
  }
}
