import { open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { logEnvironment, type TestLogEnvironment } from '../../test/log-environment.ts';
import { batchOf, valuesIn } from '../../test/record-batches.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { placeBatch } from '../protocol/record-batch.ts';
import { LogDamaged } from './log-errors.ts';
import { PartitionLog, type LogEnvironment } from './partition-log.ts';

const ALL = 100 * 1024 * 1024;
const producer = (sequence: number) => ({ id: 1, epoch: 0, sequence });

/** A log as a crash leaves it: flushed, not closed. One record per batch, from an idempotent producer. */
async function crashedLog(records: number, settings: Partial<LogEnvironment> = {}) {
  const folder = await temporaryFolder(onTestFinished);
  const environment = logEnvironment(onTestFinished, settings);
  const log = await PartitionLog.open(folder, environment);
  for (let n = 0; n < records; n++)
    await log.append(batchOf([`value ${n}`], { producer: producer(n) })).durable;
  return { folder, environment };
}

async function reopen({
  folder,
  environment,
}: {
  folder: string;
  environment: TestLogEnvironment;
}) {
  const log = await PartitionLog.open(folder, environment);
  const values: [number, string][] = [];
  for (let offset = log.startOffset; offset < log.highWatermark; offset = values.at(-1)![0] + 1)
    values.push(...valuesIn(await log.read(offset, ALL)));
  return { log, values };
}

async function append(log: PartitionLog, batch: Buffer): Promise<number> {
  const { baseOffset, durable } = log.append(batch);
  await durable;
  return baseOffset;
}

const upTo = (end: number) => [...Array(end).keys()].map((n) => [n, `value ${n}`]);
const logs = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.endsWith('.log')).toSorted();
const lastLog = async (folder: string) => join(folder, (await logs(folder)).at(-1)!);

async function overwrite(path: string, position: number, bytes: Buffer) {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
}

describe('after a crash', () => {
  test('every flushed record is kept', async () => {
    const crashed = await crashedLog(20);
    const { values, log } = await reopen(crashed);
    expect(values).toEqual(upTo(20));
    expect(await append(log, batchOf(['next']))).toBe(20);
    expect(crashed.environment.lines).toEqual([]);
  });

  test('an incomplete last batch is cut off at any byte, and all earlier batches are kept', async () => {
    const crashed = await crashedLog(3);
    const path = await lastLog(crashed.folder);
    const whole = await readFile(path);
    const last = batchOf(['value 2'], { producer: producer(2) }).length;
    for (let torn = 1; torn < last; torn += 7) {
      await writeFile(path, whole.subarray(0, whole.length - torn));
      const { values } = await reopen(crashed);
      expect(values).toEqual(upTo(2));
      expect((await stat(path)).size).toBe(whole.length - last);
    }
    expect(crashed.environment.lines[0]).toMatchObject({
      event: 'embedded-kafka.torn-tail-cut',
      bytes: last - 1,
      endOffset: 2,
    });
  });

  test('a tail of zeros, which some file systems leave, is cut off', async () => {
    const crashed = await crashedLog(5);
    const path = await lastLog(crashed.folder);
    const { size } = await stat(path);
    await truncate(path, size + 4096);
    expect((await reopen(crashed)).values).toEqual(upTo(5));
    expect((await stat(path)).size).toBe(size);
  });

  test('a last batch with a wrong checksum is cut off', async () => {
    const crashed = await crashedLog(5);
    const path = await lastLog(crashed.folder);
    const { size } = await stat(path);
    await overwrite(path, size - 3, Buffer.from('!'));
    expect((await reopen(crashed)).values).toEqual(upTo(4));
  });

  test('a valid batch with an unexpected offset is cut off', async () => {
    const crashed = await crashedLog(5);
    const path = await lastLog(crashed.folder);
    const { size } = await stat(path);
    for (const offset of [0, 4, 6, 50]) {
      const stray = batchOf(['out of place']);
      placeBatch(stray, offset);
      await overwrite(path, size, stray);
      const { values, log } = await reopen(crashed);
      expect(values).toEqual(upTo(5));
      expect(log.highWatermark).toBe(5);
    }
  });

  test('batches larger than the scan window are recovered', async () => {
    const crashed = await crashedLog(1);
    const { log } = await reopen(crashed);
    const large = 'x'.repeat(3 * 1024 * 1024);
    await log.append(batchOf([large])).durable;
    await log.append(batchOf(['behind'])).durable;
    expect((await reopen(crashed)).values).toEqual([
      [0, 'value 0'],
      [1, large],
      [2, 'behind'],
    ]);
  });

  test('idempotent producers continue after their last batch, over several segments', async () => {
    const crashed = await crashedLog(20, { segmentBytes: 300 });
    expect((await logs(crashed.folder)).length).toBeGreaterThan(3);
    const { log } = await reopen(crashed);
    expect(await append(log, batchOf(['value 17'], { producer: producer(17) }))).toBe(17);
    expect(() => log.append(batchOf(['x'], { producer: producer(22) }))).toThrow(
      expect.objectContaining({ errorCode: ErrorCode.outOfOrderSequenceNumber }),
    );
    expect(await append(log, batchOf(['x'], { producer: producer(20) }))).toBe(20);
  });

  test('a log continues in an empty last segment, which a crash at its creation leaves', async () => {
    const crashed = await crashedLog(4, { segmentBytes: 300 });
    await writeFile(join(crashed.folder, '00000000000000000004.log'), '');
    const { log, values } = await reopen(crashed);
    expect(values).toEqual(upTo(4));
    expect(await append(log, batchOf(['next']))).toBe(4);
  });
});

describe('checkpoints', () => {
  test('the part of a segment that its checkpoint covers is not read again', async () => {
    const { folder, environment } = await crashedLog(500);
    const closed = await PartitionLog.open(folder, environment);
    await closed.close();
    environment.disk.bytesRead = 0;
    const log = await PartitionLog.open(folder, environment);
    expect(environment.disk.bytesRead).toBe(0);
    expect(log.highWatermark).toBe(500);
    expect(await append(log, batchOf(['x'], { producer: producer(499) }))).toBe(499);
  });

  test('records after a checkpoint are recovered from there on', async () => {
    const crashed = await crashedLog(5);
    const closed = await PartitionLog.open(crashed.folder, crashed.environment);
    await closed.close();
    const { log } = await reopen(crashed);
    for (let n = 5; n < 8; n++)
      await log.append(batchOf([`value ${n}`], { producer: producer(n) })).durable;
    expect((await reopen(crashed)).values).toEqual(upTo(8));
  });

  test.each([
    ['is missing', (path: string) => rm(path)],
    ['is not JSON', (path: string) => writeFile(path, '{')],
    ['has another form', (path: string) => writeFile(path, '{"size":"large"}')],
  ])('a segment whose checkpoint %s is read from its start', async (_, damage) => {
    const crashed = await crashedLog(20, { segmentBytes: 300 });
    const names = await readdir(crashed.folder);
    for (const name of names.filter((each) => each.endsWith('.json')))
      await damage(join(crashed.folder, name));
    const { values, log } = await reopen(crashed);
    expect(values).toEqual(upTo(20));
    expect(await append(log, batchOf(['x'], { producer: producer(18) }))).toBe(18);
  });
});

describe('damage to flushed records is reported', () => {
  test('a missing segment in the middle', async () => {
    const crashed = await crashedLog(20, { segmentBytes: 300 });
    await rm(join(crashed.folder, (await logs(crashed.folder))[1]!));
    await expect(reopen(crashed)).rejects.toThrow(LogDamaged);
  });

  test('a segment that is shorter than its checkpoint', async () => {
    const crashed = await crashedLog(20, { segmentBytes: 300 });
    await truncate(join(crashed.folder, (await logs(crashed.folder))[0]!), 100);
    await expect(reopen(crashed)).rejects.toThrow(LogDamaged);
  });

  test('a wrong checksum in a segment before the last one', async () => {
    const crashed = await crashedLog(20, { segmentBytes: 300 });
    const path = join(crashed.folder, (await logs(crashed.folder))[1]!);
    await rm(path.replace('.log', '.checkpoint.json'));
    await overwrite(path, 80, Buffer.from('?'));
    await expect(reopen(crashed)).rejects.toThrow(LogDamaged);
  });
});
