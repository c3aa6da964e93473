import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { FaultyDisk } from '../../test/faulty-disk.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { Journal, JournalDamaged, JournalUnavailable, type Journaled } from './journal.ts';

/** Counters by name. */
class Tally implements Journaled<string> {
  readonly counts = new Map<string, number>();

  parse(json: unknown): string {
    return String(json);
  }

  apply(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  snapshot(): string[] {
    return [...this.counts].flatMap(([name, count]) => Array<string>(count).fill(name));
  }
}

async function newJournal(rewriteBytes?: number) {
  const path = join(await temporaryFolder(onTestFinished), 'journal.jsonl');
  const disk = new FaultyDisk();
  onTestFinished(() => disk.abandon());
  const open = async () => {
    const tally = new Tally();
    return { tally, journal: await Journal.open(disk, path, tally, rewriteBytes) };
  };
  return { path, disk, open, ...(await open()) };
}

test('recorded entries survive a crash', async () => {
  const { journal, open } = await newJournal();
  await Promise.all(['a', 'b', 'a'].map((entry) => journal.record(entry)));
  const { tally } = await open();
  expect([...tally.counts]).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

test('an entry is applied only when it is on disk', async () => {
  const { journal, tally, disk } = await newJournal();
  const { reached, release } = disk.pauseFlushes();
  const recorded = journal.record('a');
  await reached;
  expect(tally.counts.size).toBe(0);
  release();
  await recorded;
  expect(tally.counts.get('a')).toBe(1);
});

test('entries that arrive during a flush share the next one', async () => {
  const { journal, disk } = await newJournal();
  const { reached, release } = disk.pauseFlushes();
  const first = journal.record('a');
  await reached;
  const others = ['b', 'c', 'd'].map((entry) => journal.record(entry));
  release();
  await Promise.all([first, ...others]);
  expect(disk.datasyncs).toBe(2);
});

test('an incomplete last line is cut off', async () => {
  const { journal, path, open } = await newJournal();
  await journal.record('a');
  await journal.record('b');
  const { size } = await stat(path);
  for (let torn = 1; torn < 10; torn++) {
    await truncate(path, size - torn);
    const reopened = await open();
    expect([...reopened.tally.counts.keys()]).toEqual(['a']);
    await reopened.journal.record('b');
  }
});

test('a damaged line before valid lines is reported', async () => {
  const { journal, path, open } = await newJournal();
  for (const entry of 'abc') await journal.record(entry);
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"b"', '"x"'));
  await expect(open()).rejects.toThrow(JournalDamaged);
});

test('a last line without its line end is cut off, even if it is complete otherwise', async () => {
  const { journal, path, open } = await newJournal();
  await journal.record('a');
  const [line] = (await readFile(path, 'utf8')).split('\n');
  await appendFile(path, line!);
  expect((await open()).tally.counts.get('a')).toBe(1);
});

test('a journal that is much larger than its state is rewritten and continues', async () => {
  const { journal, path, tally, open } = await newJournal(2000);
  tally.snapshot = () => ['rewritten'];
  for (let n = 0; n < 200; n++) await journal.record('a');
  await journal.close();
  expect((await stat(path)).size).toBeLessThan(2500);
  const reopened = await open();
  expect(reopened.tally.counts.get('rewritten')).toBe(1);
  expect(reopened.tally.counts.get('a')).toBeLessThan(150);
});

test('a large state does not cause a rewrite with every entry', async () => {
  const { journal, path } = await newJournal(1000);
  for (let n = 0; n < 300; n++) await journal.record(`entry ${n}`);
  const { ino } = await stat(path);
  for (let n = 300; n < 310; n++) await journal.record(`entry ${n}`);
  expect((await stat(path)).ino).toBe(ino);
});

test.each([
  ['a full disk', 'write', 'ENOSPC'],
  ['a failing flush', 'datasync', 'EIO'],
] as const)('after %s no more entries are recorded or applied', async (_, on, code) => {
  const { journal, tally, disk, open } = await newJournal();
  await journal.record('a');
  disk.fail(on, code, 5);
  await expect(journal.record('b')).rejects.toThrow(JournalUnavailable);
  await expect(journal.record('c')).rejects.toThrow(JournalUnavailable);
  expect([...tally.counts.keys()]).toEqual(['a']);
  const reopened = await open();
  expect(reopened.tally.counts.has('c')).toBe(false);
});

test('a close waits for entries that are being recorded', async () => {
  const { journal, open } = await newJournal();
  const recorded = journal.record('a');
  await journal.close();
  await recorded;
  await expect(journal.record('b')).rejects.toThrow(JournalUnavailable);
  expect((await open()).tally.counts.get('a')).toBe(1);
});
