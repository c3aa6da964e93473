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
/** For whole test runs, each with a database, on a machine that may be busy. */
const longMs = 180_000;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'casewire-runs-'));
  // Otherwise the databases of these runs are in another folder.
  chmodSync(home, 0o711);
});
afterEach(() => rmSync(home, { recursive: true }));

/** Starts a process that creates the folder of a run. */
async function startRun() {
  const script = join(import.meta.dirname, 'probes', 'run-process.ts');
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

/** Runs the tests of a file in probes/; gives the exit code and the output. */
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
  'a run whose tests pass and leave a folder fails, names the folder and removes it',
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

test('a run whose tests leave nothing passes and leaves nothing', { timeout: longMs }, async () => {
  const { code, output } = await runOf('leaving');
  expect(output).toMatch(/2 passed/);
  expect(code).toBe(0);
  expect(readdirSync(home)).toEqual([]);
});

test(
  'a folder of a test file is removed even if the clean-up of a test takes too long',
  { timeout: longMs },
  async () => {
    const { code, output } = await runOf('hanging');
    expect(output).toMatch(/Hook timed out/);
    expect(output).not.toMatch(/left files/);
    expect(code).toBe(1);
  },
);

test('the next run removes the folder of a killed run, and keeps that of a running one', async () => {
  const [killed, living] = [await startRun(), await startRun()];
  mkdirSync(join(killed.path, 'postgres'));
  await killed.kill();
  const mine = await RunFolder.create(home);
  expect(readdirSync(home).toSorted()).toEqual(
    [basename(living.path), basename(mine.path)].toSorted(),
  );
  await mine.remove();
});

test('a folder without a process file stays for a while', async () => {
  const begun = join(home, 'casewire-t-AbCdEf');
  mkdirSync(begun);
  await removeAbandonedRunFolders(home);
  expect(existsSync(begun)).toBe(true);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(begun, longAgo, longAgo);
  await removeAbandonedRunFolders(home);
  expect(existsSync(begun)).toBe(false);
});

test('folders with another name stay', async () => {
  mkdirSync(join(home, 'casewire-demo-AbCdEf'));
  await removeAbandonedRunFolders(home);
  expect(readdirSync(home)).toEqual(['casewire-demo-AbCdEf']);
});

test('other accounts can enter the folder of a run and cannot list it', async () => {
  const { path } = await RunFolder.create(home);
  expect(statSync(path).mode & 0o777).toBe(0o711);
});
