import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import { Sandbox } from './sandbox.ts';

const testFolder = join(import.meta.dirname, '../../test/process');

// Names here are short: where the path gets too long for a socket, the process under test uses another folder.
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
});
afterAll(() => rm(folder, { recursive: true }));

const started: Sandbox[] = [];
afterEach(() => {
  for (const containment of started.splice(0)) containment.stop();
});

function contained(warm: number): Sandbox {
  const containment = new Sandbox({ warm, jobFolders: [testFolder] });
  started.push(containment);
  return containment;
}

const order = (name: string, args: unknown, document: string | Uint8Array = Buffer.from('x')) => ({
  kind: 'pdf' as const,
  job: new URL(`../../test/process/${name}.job.ts`, import.meta.url),
  args,
  document,
  processorMs: 20_000,
});

/** Every process, by its number, with its parent's. */
function processes(): Map<number, number> {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  const rows = listed
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  return new Map(
    rows
      .filter(([, , state]) => !state!.startsWith('Z'))
      .map(([pid, parent]) => [Number(pid), Number(parent)]),
  );
}

const childrenOf = (parent: number) =>
  [...processes()].filter(([, of]) => of === parent).map(([pid]) => pid);

const untilGone = (pids: readonly number[]) =>
  vi.waitFor(
    () => {
      const left = processes();
      expect(pids.filter((pid) => left.has(pid))).toEqual([]);
    },
    { timeout: 10_000, interval: 50 },
  );

/** A process that reads documents by itself: its own number, its launcher's, and its launcher's folders. */
async function parentProcess(way?: 'loop', sharedHome?: string) {
  const home = sharedHome ?? (await mkdtemp(join(folder, 't-')));
  const args = way ? [way] : [];
  const script = join(testFolder, 'parent.ts');
  const parent = spawn(process.execPath, ['--import', '#register', script, ...args], {
    env: { ...process.env, TMPDIR: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(parent, 'exit');
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, ended, launcher: Number(line), home };
}

test('a parent that is killed leaves no process and no file behind', async () => {
  const { parent, ended, launcher, home } = await parentProcess('loop');
  const children = await vi.waitFor(
    () => {
      const found = childrenOf(launcher);
      expect(found).toHaveLength(1);
      return found;
    },
    { timeout: 10_000, interval: 50 },
  );
  parent.kill('SIGKILL');
  await ended;
  await untilGone([launcher, ...children]);
  await vi.waitFor(async () => expect(await readdir(home)).toEqual([]));
});

test('what is left where parent and launcher are killed at once goes with the next start', async () => {
  const { parent, ended, launcher, home } = await parentProcess('loop');
  // A launcher that is stopped cannot clean up behind its parent.
  process.kill(launcher, 'SIGSTOP');
  parent.kill('SIGKILL');
  await ended;
  const children = childrenOf(launcher);
  for (const pid of children) process.kill(pid, 'SIGKILL');
  process.kill(launcher, 'SIGKILL');
  await untilGone([launcher, ...children]);
  const left = await readdir(home);
  expect(left).toHaveLength(1);
  const next = await parentProcess('loop', home);
  expect(await readdir(home)).not.toContain(left[0]);
  next.parent.kill('SIGKILL');
  await next.ended;
  await vi.waitFor(async () => expect(await readdir(home)).toEqual([]), { timeout: 10_000 });
});

test('children that wait do not keep their parent from ending, and end with it', async () => {
  const { ended, launcher, home } = await parentProcess();
  expect(await ended).toEqual([0, null]);
  await untilGone([launcher, ...childrenOf(launcher)]);
  await vi.waitFor(async () => expect(await readdir(home)).toEqual([]));
});

test('a launcher that is killed takes its children along, is no fault of the document, and is replaced', async () => {
  const containment = contained(1);
  await containment.run(order('echo', ''));
  const launcher = containment.launcherPid!;
  const failure = containment.run(order('misbehave', 'loop')).catch((error: unknown) => error);
  const children = await vi.waitFor(() => {
    const found = childrenOf(launcher);
    expect(found).toHaveLength(1);
    return found;
  });
  process.kill(launcher, 'SIGKILL');
  expect(await failure).toMatchObject({ code: 'SANDBOX_BROKEN', retriable: true });
  await untilGone([launcher, ...children]);
  const { value } = await containment.run(order('echo', 'again'));
  expect(value).toEqual({ size: 1, said: 'again' });
  expect(containment.launcherPid).not.toBe(launcher);
});

test('a stopped containment leaves no process behind, and what was under way is finished', async () => {
  const containment = contained(1);
  await containment.run(order('echo', ''));
  const launcher = containment.launcherPid!;
  const running = containment.run(order('echo', 'last', randomBytes(2_000_000)));
  await vi.waitFor(() => expect(childrenOf(launcher).length).toBeGreaterThan(0));
  containment.stop();
  expect((await running).value).toEqual({ size: 2_000_000, said: 'last' });
  await untilGone([launcher]);
});

test.each([
  ['small', 1000],
  ['large', 3_000_000],
])('a %s file comes whole', async (_, size) => {
  const bytes = randomBytes(size);
  const path = join(folder, `${size}.bin`);
  await writeFile(path, bytes);
  const { value, blobs } = await contained(0).run(order('echo', 'ñ', path));
  expect(value).toEqual({ size, said: 'ñ' });
  expect(blobs[0]!.equals(bytes)).toBe(true);
});

test('a large file is opened for the child by the launcher: the child itself may read none', async () => {
  const path = join(folder, 'escape.bin');
  await writeFile(path, randomBytes(300_000));
  const { value } = await contained(0).run(order('escape', null, path));
  expect(value).toMatchObject({ refused: expect.arrayContaining(['readFile: ERR_ACCESS_DENIED']) });
});

test('many at once each get their own document', async () => {
  const containment = contained(2);
  const sizes = Array.from({ length: 12 }, (_, i) => 1000 + i);
  const answers = await Promise.all(
    sizes.map((size) => containment.run(order('echo', `${size}`, randomBytes(size)))),
  );
  expect(answers.map(({ value }) => value)).toEqual(
    sizes.map((size) => ({ size, said: `${size}` })),
  );
});
