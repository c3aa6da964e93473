import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import { Sandbox } from '../sandbox/sandbox.ts';

const testFolder = join(import.meta.dirname, '../../test/process');

// Names are short: where the path is too long for a socket, the process under test uses another folder.
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
});
afterAll(() => rm(folder, { recursive: true }));

const started: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of started.splice(0)) sandbox.stop();
});

function newSandbox(warm: number): Sandbox {
  const sandbox = new Sandbox({ warm, jobFolders: [testFolder] });
  started.push(sandbox);
  return sandbox;
}

const jobOf = (name: string, args: unknown, document: string | Uint8Array = Buffer.from('x')) => ({
  kind: 'pdf' as const,
  job: new URL(`../../test/process/${name}.job.ts`, import.meta.url),
  args,
  document,
  processorMs: 20_000,
});

/** The id of every process, with that of its parent. */
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

/** A process with a sandbox of its own, the id of its launcher, and the folder of its temporary files. */
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

test('a killed parent leaves no process and no file behind', async () => {
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

test('files that remain after parent and launcher were killed are removed at the next start', async () => {
  const { parent, ended, launcher, home } = await parentProcess('loop');
  // A stopped launcher cannot clean up after its parent.
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

test('idle processes do not keep their parent alive, and end with it', async () => {
  const { ended, launcher, home } = await parentProcess();
  expect(await ended).toEqual([0, null]);
  await untilGone([launcher, ...childrenOf(launcher)]);
  await vi.waitFor(async () => expect(await readdir(home)).toEqual([]));
});

test('the processes of a killed launcher end, no document is at fault, and the launcher is replaced', async () => {
  const sandbox = newSandbox(1);
  await sandbox.run(jobOf('echo', ''));
  const launcher = sandbox.launcherPid!;
  const failure = sandbox.run(jobOf('misbehave', 'loop')).catch((error: unknown) => error);
  const children = await vi.waitFor(() => {
    const found = childrenOf(launcher);
    expect(found).toHaveLength(1);
    return found;
  });
  process.kill(launcher, 'SIGKILL');
  expect(await failure).toMatchObject({ code: 'SANDBOX_BROKEN', retriable: true });
  await untilGone([launcher, ...children]);
  const { value } = await sandbox.run(jobOf('echo', 'again'));
  expect(value).toEqual({ size: 1, text: 'again' });
  expect(sandbox.launcherPid).not.toBe(launcher);
});

test('a stopped sandbox leaves no process behind, and finishes running jobs', async () => {
  const sandbox = newSandbox(1);
  await sandbox.run(jobOf('echo', ''));
  const launcher = sandbox.launcherPid!;
  const running = sandbox.run(jobOf('echo', 'last', randomBytes(2_000_000)));
  await vi.waitFor(() => expect(childrenOf(launcher).length).toBeGreaterThan(0));
  sandbox.stop();
  expect((await running).value).toEqual({ size: 2_000_000, text: 'last' });
  await untilGone([launcher]);
});

test.each([
  ['small', 1000],
  ['large', 3_000_000],
])('a %s file arrives complete', async (_, size) => {
  const bytes = randomBytes(size);
  const path = join(folder, `${size}.bin`);
  await writeFile(path, bytes);
  const { value, blobs } = await newSandbox(0).run(jobOf('echo', 'ñ', path));
  expect(value).toEqual({ size, text: 'ñ' });
  expect(blobs[0]!.equals(bytes)).toBe(true);
});

test('the launcher opens a large file: the sandboxed process itself can read none', async () => {
  const path = join(folder, 'escape.bin');
  await writeFile(path, randomBytes(300_000));
  const { value } = await newSandbox(0).run(jobOf('escape', null, path));
  expect(value).toMatchObject({ refused: expect.arrayContaining(['readFile: ERR_ACCESS_DENIED']) });
});

test('each of many concurrent jobs receives its own document', async () => {
  const sandbox = newSandbox(2);
  const sizes = Array.from({ length: 12 }, (_, i) => 1000 + i);
  const answers = await Promise.all(
    sizes.map((size) => sandbox.run(jobOf('echo', `${size}`, randomBytes(size)))),
  );
  expect(answers.map(({ value }) => value)).toEqual(
    sizes.map((size) => ({ size, text: `${size}` })),
  );
});
