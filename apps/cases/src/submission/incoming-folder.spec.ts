import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { acquireIncomingFolder } from './incoming-folder.ts';

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'casewire-incoming-spec-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** Another process that acquires a folder and has half an upload in it. */
async function startHolder(root: string) {
  const module = join(import.meta.dirname, 'incoming-folder.ts');
  const script = `
    const { acquireIncomingFolder } = await import(${JSON.stringify(module)});
    const { path } = await acquireIncomingFolder(${JSON.stringify(root)});
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

test('each process has its own folder, and the next start deletes the folder of a killed process', async () => {
  const root = newRoot();
  const [killed, living] = [await startHolder(root), await startHolder(root)];
  expect(killed.path).not.toBe(living.path);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  expect(existsSync(join(killed.path, 'upload'))).toBe(true);
  const own = await acquireIncomingFolder(root);
  expect(readdirSync(own.path)).toEqual([]);
  expect(existsSync(join(killed.path, 'upload'))).toBe(false);
  expect(existsSync(join(living.path, 'upload'))).toBe(true);
  await own.release();
  expect(existsSync(own.path)).toBe(false);
});

test('one start deletes the folders of several killed processes', async () => {
  const root = newRoot();
  const holders = [await startHolder(root), await startHolder(root), await startHolder(root)];
  for (const { child } of holders) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const own = await acquireIncomingFolder(root);
  onTestFinished(() => own.release());
  expect(
    readdirSync(root, { recursive: true }).filter((name) => String(name).includes('upload')),
  ).toEqual([]);
});
