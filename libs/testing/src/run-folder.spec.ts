import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

import { removeAbandonedRunFolders, RunFolder } from './run-folder.ts';

const root = resolve(import.meta.dirname, '../../..');
/** Whole runs: with a database each, on a machine that may have much to do. */
const longMs = 180_000;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'casewire-runs-'));
  // Else the databases of the runs in here are somewhere else.
  chmodSync(home, 0o711);
});
afterEach(() => rmSync(home, { recursive: true }));

/** A process that has the folder of a run. */
async function owner() {
  const script = join(import.meta.dirname, 'probes', 'run-owner.ts');
  const child = spawn(process.execPath, ['--import', '#register', script], {
    cwd: root,
    env: { ...process.env, TMPDIR: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    path: line.toString().trim(),
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** A run of the tests of this file of probes/, with what it printed. */
async function runOf(file: string, leave = ''): Promise<{ code: number; output: string }> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'libs/testing/src/probes/probes.config.ts', file];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: home, LEAVE: leave };
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      done({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

test(
  'a run whose tests pass fails where they leave a folder, names it, and removes it',
  { timeout: longMs },
  async () => {
    const { code, output } = await runOf('leaving', 'casewire-forgotten');
    expect(output).toMatch(/2 passed/);
    expect(output).toContain(
      'the tests left files in the folder for temporary files: casewire-forgotten',
    );
    expect(code).toBe(1);
    expect(readdirSync(home)).toEqual([]);
  },
);

test(
  'a run whose tests leave nothing passes, and leaves nothing itself',
  { timeout: longMs },
  async () => {
    const { code, output } = await runOf('leaving');
    expect(output).toMatch(/2 passed/);
    expect(code).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  },
);

test(
  'a folder of a test file is removed where the clean-up of a test takes too long',
  { timeout: longMs },
  async () => {
    const { code, output } = await runOf('hanging');
    expect(output).toMatch(/Hook timed out/);
    expect(output).not.toMatch(/left files/);
    expect(code).toBe(1);
  },
);

test('what a killed run left goes with the next run, and what a living one has stays', async () => {
  const [killed, living] = [await owner(), await owner()];
  mkdirSync(join(killed.path, 'postgres'));
  await killed.kill();
  const mine = await RunFolder.create(home);
  expect(readdirSync(home).toSorted()).toEqual(
    [basename(living.path), basename(mine.path)].toSorted(),
  );
  await mine.remove();
});

test('a folder that has no owner yet stays for a while', async () => {
  const begun = join(home, 'casewire-t-AbCdEf');
  mkdirSync(begun);
  await removeAbandonedRunFolders(home);
  expect(existsSync(begun)).toBe(true);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(begun, longAgo, longAgo);
  await removeAbandonedRunFolders(home);
  expect(existsSync(begun)).toBe(false);
});

test('other folders stay', async () => {
  mkdirSync(join(home, 'casewire-demo-AbCdEf'));
  await removeAbandonedRunFolders(home);
  expect(readdirSync(home)).toEqual(['casewire-demo-AbCdEf']);
});

test('other accounts may pass through the folder of a run, and not list it', async () => {
  const { path } = await RunFolder.create(home);
  expect(statSync(path).mode & 0o777).toBe(0o711);
});
