import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { FolderInUse, FolderLock } from './folder-lock.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'casewire-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
const lockIn = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'broker.lock'), 'utf8')) as object;

test('a folder has one lock at a time, also within one process', async () => {
  const folder = await newFolder();
  const lock = await FolderLock.acquire(folder, 'broker.lock');
  await expect(FolderLock.acquire(folder, 'broker.lock')).rejects.toThrow(FolderInUse);
  await lock.release();
  await (await FolderLock.acquire(folder, 'broker.lock')).release();
  expect(await readdir(folder)).toEqual([]);
});

test('of many concurrent starts exactly one gets the lock, with and without a stale lock', async () => {
  for (const stale of [undefined, { pid: 2 ** 22 + 1, token: 'gone' }, 'no JSON at all']) {
    const folder = await newFolder();
    if (stale) await writeFile(join(folder, 'broker.lock'), JSON.stringify(stale));
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () => FolderLock.acquire(folder, 'broker.lock')),
    );
    const locks = attempts.filter(({ status }) => status === 'fulfilled');
    expect(locks).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['broker.lock']);
  }
});

test('the lock of a running process is respected', async () => {
  const folder = await newFolder();
  const other = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  const ended = once(other, 'exit');
  const lock = { pid: other.pid, token: 'other' };
  await writeFile(join(folder, 'broker.lock'), JSON.stringify(lock));
  await expect(FolderLock.acquire(folder, 'broker.lock')).rejects.toThrow(`process ${other.pid}`);
  other.kill('SIGKILL');
  await ended;
  await (await FolderLock.acquire(folder, 'broker.lock')).release();
});

test('the lock of an earlier process with the same id is replaced', async () => {
  const folder = await newFolder();
  const earlier = { pid: process.pid, token: 'earlier life' };
  await writeFile(join(folder, 'broker.lock'), JSON.stringify(earlier));
  const lock = await FolderLock.acquire(folder, 'broker.lock');
  expect(await lockIn(folder)).not.toMatchObject({ token: 'earlier life' });
  await lock.release();
});

test('the lock of a process whose id now belongs to another process is replaced', async () => {
  const folder = await newFolder();
  const reused = { pid: process.ppid, startedAt: 'another-boot/1', token: 'reused' };
  await writeFile(join(folder, 'broker.lock'), JSON.stringify(reused));
  const lock = await FolderLock.acquire(folder, 'broker.lock');
  expect(await lockIn(folder)).toMatchObject({ pid: process.pid });
  await lock.release();
});
