import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';

import { removeAbandonedFolders } from './temporary-folder.ts';

// Names are short: where the path is too long for a socket, the process under test uses another folder.
const root = mkdtempSync(join(tmpdir(), 'homes-'));
afterAll(() => rmSync(root, { recursive: true }));
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(root, 'h-'));
});

/** A process that has made a temporary folder. */
async function creator() {
  const script = join(import.meta.dirname, '../../test/temporary/creator.ts');
  const child = spawn(process.execPath, ['--import', '#register', script], {
    env: { ...process.env, TMPDIR: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const path = line.toString().trim();
  writeFileSync(join(path, 'content'), 'x');
  return {
    path,
    async end() {
      child.stdin.end();
      await exit;
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

test('a process that ends leaves no folder', async () => {
  const one = await creator();
  expect(existsSync(one.path)).toBe(true);
  await one.end();
  expect(readdirSync(home)).toEqual([]);
});

test('the folder of a killed process is removed at the next start, and that of a running one remains', async () => {
  const [killed, living] = await Promise.all([creator(), creator()]);
  await killed.kill();
  expect(readdirSync(home)).toHaveLength(2);
  const next = await creator();
  expect(readdirSync(home).toSorted()).toEqual(
    [basename(living.path), basename(next.path)].toSorted(),
  );
});

test('the folder of an ended process whose id was reused is removed', async () => {
  const one = await creator();
  const earlier = one.path.replace(/-t\d+-/, '-t1-');
  mkdirSync(earlier);
  removeAbandonedFolders(home);
  expect(readdirSync(home)).toEqual([basename(one.path)]);
});

test('folders of other PID namespaces, and those with similar names, remain', async () => {
  const one = await creator();
  await one.kill();
  const others = [
    basename(one.path).replace(/-n\d+-/, '-n1-'),
    'casewire-incoming',
    'casewire-demo-AbCdEf',
  ];
  for (const name of others) mkdirSync(join(home, name));
  removeAbandonedFolders(home);
  expect(readdirSync(home).toSorted()).toEqual(others.toSorted());
});
