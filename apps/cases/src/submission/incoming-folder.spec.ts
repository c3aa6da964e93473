import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { takeIncomingFolder } from './incoming-folder.ts';

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'casewire-incoming-spec-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** Another process that takes a folder and has half an upload in it. */
async function holder(root: string) {
  const module = join(import.meta.dirname, 'incoming-folder.ts');
  const script = `
    const { takeIncomingFolder } = await import(${JSON.stringify(module)});
    const { path } = await takeIncomingFolder(${JSON.stringify(root)});
    (await import('node:fs')).writeFileSync(path + '/upload', 'half of a passport');
    process.stdout.write(path);
    setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ['--import', '#register', '--input-type=module', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: join(import.meta.dirname, '../../../..') },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const [path] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, path: path.toString() };
}

test('each process has a folder of its own, and what a killed one left is gone at the next start', async () => {
  const root = newRoot();
  const [killed, living] = [await holder(root), await holder(root)];
  expect(killed.path).not.toBe(living.path);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  expect(existsSync(join(killed.path, 'upload'))).toBe(true);
  const mine = await takeIncomingFolder(root);
  expect(readdirSync(mine.path)).toEqual([]);
  expect(existsSync(join(killed.path, 'upload'))).toBe(false);
  expect(existsSync(join(living.path, 'upload'))).toBe(true);
  await mine.release();
  expect(existsSync(mine.path)).toBe(false);
});

test('folders that several killed processes left are all removed by one start', async () => {
  const root = newRoot();
  const holders = [await holder(root), await holder(root), await holder(root)];
  for (const { child } of holders) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const mine = await takeIncomingFolder(root);
  onTestFinished(() => mine.release());
  expect(
    readdirSync(root, { recursive: true }).filter((name) => String(name).includes('upload')),
  ).toEqual([]);
});
