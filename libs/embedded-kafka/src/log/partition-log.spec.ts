import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { usedBufferBytes } from '../../test/collect-garbage.ts';
import { logEnvironment } from '../../test/log-environment.ts';
import { batchOf, valuesIn } from '../../test/record-batches.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { LogUnavailable, OffsetOutOfRange } from './log-errors.ts';
import { PartitionLog, type LogEnvironment } from './partition-log.ts';
import { INDEX_INTERVAL } from './segment-index.ts';

const ALL = 100 * 1024 * 1024;

async function openLog(settings: Partial<LogEnvironment> = {}) {
  const folder = join(await temporaryFolder(onTestFinished), 'log');
  const environment = logEnvironment(onTestFinished, settings);
  const log = await PartitionLog.open(folder, environment);
  return { folder, environment, disk: environment.disk, log };
}

async function append(log: PartitionLog, ...values: string[]): Promise<number> {
  const { baseOffset, durable } = log.append(batchOf(values));
  await durable;
  return baseOffset;
}

/** Reads the log from its start to its end. */
async function readAll(log: PartitionLog): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for (let offset = log.startOffset; offset < log.highWatermark;) {
    found.push(...valuesIn(await log.read(offset, ALL)));
    offset = found.at(-1)![0] + 1;
  }
  return found;
}

describe('appending and reading', () => {
  test('records are read at the offsets of their append', async () => {
    const { log } = await openLog();
    expect(await append(log, 'a', 'b')).toBe(0);
    expect(await append(log, 'c')).toBe(2);
    expect(log.highWatermark).toBe(3);
    expect(await readAll(log)).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ]);
  });

  test('a read from the middle of a batch returns the whole batch', async () => {
    const { log } = await openLog();
    await append(log, 'a', 'b', 'c');
    expect(valuesIn(await log.read(1, ALL)).map(([offset]) => offset)).toEqual([0, 1, 2]);
  });

  test('a read returns at most the requested size, but at least one batch', async () => {
    const { log } = await openLog();
    for (const value of ['a', 'b', 'c']) await append(log, value.repeat(50));
    const one = batchOf(['a'.repeat(50)]).length;
    expect((await log.read(0, 0)).length).toBe(one);
    expect((await log.read(0, 2 * one)).length).toBe(2 * one);
    expect((await log.read(0, 3 * one - 1)).length).toBe(2 * one);
  });

  test('a batch that is larger than the index interval and the limit together is read as a whole', async () => {
    const { log } = await openLog();
    const large = 'x'.repeat(INDEX_INTERVAL * 5);
    await append(log, 'small');
    await append(log, large);
    await append(log, 'behind');
    expect(valuesIn(await log.read(1, 10))).toEqual([[1, large]]);
    expect(valuesIn(await log.read(2, 10))).toEqual([[2, 'behind']]);
  });

  test('a read at the end of the log is empty, and a read beyond it is out of range', async () => {
    const { log } = await openLog();
    expect(await log.read(0, ALL)).toHaveLength(0);
    await append(log, 'a');
    expect(await log.read(1, ALL)).toHaveLength(0);
    await expect(log.read(2, ALL)).rejects.toThrow(OffsetOutOfRange);
    await expect(log.read(-1, ALL)).rejects.toThrow(OffsetOutOfRange);
  });

  test('a log continues in the next segment, for writes and reads', async () => {
    const { log, folder } = await openLog({ segmentBytes: 1000 });
    for (let n = 0; n < 50; n++) await append(log, `value ${n}`);
    const names = await readdir(folder);
    expect(names.filter((name) => name.endsWith('.log')).length).toBeGreaterThan(3);
    expect(await readAll(log)).toEqual([...Array(50).keys()].map((n) => [n, `value ${n}`]));
  });

  test('concurrent readers get every record while a writer starts new segments', async () => {
    const { log } = await openLog({ segmentBytes: 2000 });
    const writing = (async () => {
      for (let n = 0; n < 200; n++) await append(log, `value ${n}`);
    })();
    const read = async () => {
      let next = 0;
      while (next < 200) {
        const values = valuesIn(await log.read(next, 500)).filter(([offset]) => offset >= next);
        for (const [offset, value] of values) {
          expect([offset, value]).toEqual([next, `value ${next}`]);
          next++;
        }
        if (values.length === 0) await new Promise((resolve) => log.onChange(() => resolve(null)));
      }
      return next;
    };
    const counts = await Promise.all([read(), read(), read(), writing]);
    expect(counts.slice(0, 3)).toEqual([200, 200, 200]);
  });

  test('the first record since a time is found across segments', async () => {
    const { log } = await openLog({ segmentBytes: 500 });
    for (let n = 0; n < 30; n++) {
      const { durable } = log.append(batchOf(['a', 'b'], { timestamps: [n * 10, n * 10 + 5] }));
      await durable;
    }
    expect(await log.findSince(0)).toEqual({ offset: 0, timestamp: 0 });
    expect(await log.findSince(141)).toEqual({ offset: 29, timestamp: 145 });
    expect(await log.findSince(146)).toEqual({ offset: 30, timestamp: 150 });
    expect(await log.findSince(296)).toBeUndefined();
  });
});

describe('durability', () => {
  test('a record is not visible before its flush has ended', async () => {
    const { log, disk } = await openLog();
    await append(log, 'flushed');
    const { reached, release } = disk.pauseFlushes();
    let acknowledged = false;
    const { baseOffset, durable } = log.append(batchOf(['not yet']));
    const acknowledgement = durable.then(() => (acknowledged = true));
    await reached;
    expect(baseOffset).toBe(1);
    expect(log.highWatermark).toBe(1);
    expect(valuesIn(await log.read(0, ALL))).toEqual([[0, 'flushed']]);
    expect(await log.read(1, ALL)).toHaveLength(0);
    expect(await log.findSince(0)).toEqual({ offset: 0, timestamp: 1000 });
    expect(acknowledged).toBe(false);
    release();
    await acknowledgement;
    expect(log.highWatermark).toBe(2);
  });

  test('concurrent appends share a flush, and those during the flush share the next one', async () => {
    const { log, disk } = await openLog();
    const { reached, release } = disk.pauseFlushes();
    const first = [1, 2, 3].map((n) => log.append(batchOf([`first ${n}`])).durable);
    await reached;
    const second = [1, 2, 3].map((n) => log.append(batchOf([`second ${n}`])).durable);
    release();
    await Promise.all([...first, ...second]);
    expect(disk.datasyncs).toBe(2);
    expect(log.highWatermark).toBe(6);
  });

  test('an append notifies waiting readers after its flush', async () => {
    const { log } = await openLog();
    const seen: number[] = [];
    const release = log.onChange(() => seen.push(log.highWatermark));
    await append(log, 'a');
    release();
    await append(log, 'b');
    expect(seen).toEqual([1]);
  });

  test('a repeated batch is not acknowledged before the first one is on disk', async () => {
    const { log, disk } = await openLog();
    const { reached, release } = disk.pauseFlushes();
    const producer = { id: 1, epoch: 0, sequence: 0 };
    const first = log.append(batchOf(['a'], { producer }));
    await reached;
    const again = log.append(batchOf(['a'], { producer }));
    expect(again.baseOffset).toBe(first.baseOffset);
    let acknowledged = false;
    const acknowledgement = again.durable.then(() => (acknowledged = true));
    await log.read(0, ALL);
    expect(acknowledged).toBe(false);
    release();
    await Promise.all([first.durable, acknowledgement]);
    expect(log.highWatermark).toBe(1);
  });

  test('a close finishes accepted appends and refuses later ones', async () => {
    const { log, folder, environment } = await openLog();
    const accepted = log.append(batchOf(['accepted']));
    const closing = log.close();
    expect(() => log.append(batchOf(['late']))).toThrow(LogUnavailable);
    await Promise.all([accepted.durable, closing]);
    expect(await readAll(await PartitionLog.open(folder, environment))).toEqual([[0, 'accepted']]);
  });
});

describe('disk errors', () => {
  test.each([
    ['a full disk', 'write', 'ENOSPC'],
    ['an I/O error of a write', 'write', 'EIO'],
    ['an I/O error of a flush', 'datasync', 'EIO'],
  ] as const)(
    'after %s no record is acknowledged or returned that is not durable',
    async (_, on, code) => {
      const { log, disk, environment } = await openLog();
      await append(log, 'durable');
      disk.fail(on, code, 70);
      const failed = [1, 2].map((n) => log.append(batchOf([`lost ${n}`])).durable);
      for (const outcome of await Promise.allSettled(failed))
        expect(outcome).toMatchObject({
          status: 'rejected',
          reason: { errorCode: ErrorCode.kafkaStorageError },
        });
      expect(() => log.append(batchOf(['later']))).toThrow(LogUnavailable);
      expect(log.highWatermark).toBe(1);
      expect(await readAll(log)).toEqual([[0, 'durable']]);
      expect(environment.lines).toMatchObject([{ event: 'embedded-kafka.log-failed' }]);
    },
  );

  test('an append that waits behind a failing one fails, too', async () => {
    const { log, disk } = await openLog();
    const { reached, release } = disk.pauseFlushes();
    disk.fail('datasync', 'EIO');
    const first = log.append(batchOf(['in the flush'])).durable;
    await reached;
    const second = log.append(batchOf(['in the queue'])).durable;
    release();
    const results = await Promise.allSettled([first, second]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(log.pendingBytes).toBe(0);
  });

  test('after a restart the half-written tail is cut off and its offsets are used again', async () => {
    const { log, disk, folder, environment } = await openLog();
    await append(log, 'durable');
    disk.fail('write', 'ENOSPC', 70);
    await expect(log.append(batchOf(['half written'])).durable).rejects.toThrow(LogUnavailable);
    await log.close();
    const reopened = await PartitionLog.open(folder, environment);
    expect(await append(reopened, 'after')).toBe(1);
    expect(await readAll(reopened)).toEqual([
      [0, 'durable'],
      [1, 'after'],
    ]);
  });

  test('a read error is reported, and the next read works', async () => {
    const { log, disk } = await openLog();
    await append(log, 'a');
    disk.fail('read', 'EIO');
    await expect(log.read(0, ALL)).rejects.toThrow('EIO');
    expect(valuesIn(await log.read(0, ALL))).toEqual([[0, 'a']]);
  });
});

describe('retention and removal', () => {
  test('old segments are removed, except the last one', async () => {
    const { log } = await openLog({ segmentBytes: 300 });
    for (let n = 0; n < 20; n++)
      await log.append(batchOf([`value ${n}`], { timestamps: [n] })).durable;
    await log.retain(10, Infinity);
    expect(log.startOffset).toBeGreaterThan(5);
    expect(log.startOffset).toBeLessThanOrEqual(10);
    await expect(log.read(0, ALL)).rejects.toThrow(OffsetOutOfRange);
    await log.retain(1000, Infinity);
    expect(log.startOffset).toBeLessThan(20);
    expect((await readAll(log)).at(-1)).toEqual([19, 'value 19']);
  });

  test('the oldest segments above the maximum size are removed', async () => {
    const { log, folder, environment } = await openLog({ segmentBytes: 300 });
    for (let n = 0; n < 20; n++) await append(log, `value ${n}`);
    await log.retain(-Infinity, 700);
    expect(log.startOffset).toBeGreaterThan(8);
    const kept = await readAll(log);
    await log.close();
    const reopened = await PartitionLog.open(folder, environment);
    expect(await readAll(reopened)).toEqual(kept);
    expect(reopened.startOffset).toBe(log.startOffset);
  });

  test('the removal of a log fails waiting appends and leaves no file', async () => {
    const { log, disk, folder } = await openLog();
    await append(log, 'a');
    const { reached, release } = disk.pauseFlushes();
    const pending = log.append(batchOf(['b'])).durable;
    await reached;
    const removal = log.remove();
    await expect(pending).rejects.toMatchObject({ errorCode: ErrorCode.unknownTopicOrPartition });
    release();
    await removal;
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});

describe('memory', () => {
  test('flushed records are not kept in memory, only a few index entries per megabyte', async () => {
    const { log } = await openLog({ segmentBytes: 8 * 1024 * 1024 });
    const value = 'x'.repeat(250 * 1024);
    const before = await usedBufferBytes();
    for (let n = 0; n < 200; n++) await append(log, value);
    await readAll(log);
    const used = (await usedBufferBytes()) - before;
    expect(log.highWatermark).toBe(200);
    expect(log.pendingBytes).toBe(0);
    expect(log.indexEntries).toBeLessThanOrEqual(200);
    expect(used).toBeLessThan(2 * 1024 * 1024);
  });

  test('a reader that follows the end of the log reads each byte about once', async () => {
    const { log, disk } = await openLog();
    let next = 0;
    let written = 0;
    for (let n = 0; n < 200; n++) {
      const batch = batchOf(['x'.repeat(500)]);
      written += batch.length;
      await log.append(batch).durable;
      next = valuesIn(await log.read(next, ALL)).at(-1)![0] + 1;
    }
    expect(disk.bytesRead).toBeLessThan(written * 1.1);
  });
});
