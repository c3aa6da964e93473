import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { logEnvironment } from '../../test/log-environment.ts';
import { batchOf } from '../../test/record-batches.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { LogDamaged } from '../log/log-errors.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { BrokerState } from './broker-state.ts';
import { Journal } from './journal.ts';
import { TopicCatalog } from './topic-catalog.ts';

async function newCatalog() {
  const folder = await temporaryFolder(onTestFinished);
  const environment = logEnvironment(onTestFinished);
  const open = async () => {
    const state = new BrokerState();
    const journal = await Journal.open(environment.disk, join(folder, 'journal'), state);
    return TopicCatalog.open(join(folder, 'topics'), state, journal, environment);
  };
  return { folder, environment, open, catalog: await open() };
}

const append = (catalog: TopicCatalog, name: string, value: string) =>
  catalog.log(name, 0)!.append(batchOf([value])).durable;

test('topics and their settings survive a crash', async () => {
  const { catalog, open } = await newCatalog();
  await catalog.create('a', 3, { 'cleanup.policy': 'compact' });
  const reopened = await open();
  expect(reopened.all()).toMatchObject([
    { name: 'a', partitions: 3, configs: { 'cleanup.policy': 'compact' } },
  ]);
});

test('a topic is created once by many concurrent requests', async () => {
  const { catalog } = await newCatalog();
  const topics = await Promise.all([1, 2, 3].map(() => catalog.getOrCreate('a', 2)));
  expect(new Set(topics).size).toBe(1);
  await expect(catalog.create('a', 2, {})).rejects.toMatchObject({
    errorCode: ErrorCode.topicAlreadyExists,
  });
});

test.each([0, -3, 1001, 1.5])('a topic cannot have %d partitions', async (partitions) => {
  const { catalog } = await newCatalog();
  await expect(catalog.create('a', partitions, {})).rejects.toMatchObject({
    errorCode: ErrorCode.invalidPartitions,
  });
});

test('a topic that is created again after a deletion has no old records', async () => {
  const { catalog, open, folder } = await newCatalog();
  await catalog.create('a', 1, {});
  await append(catalog, 'a', 'old');
  await catalog.delete('a');
  await catalog.create('a', 1, {});
  expect(catalog.log('a', 0)?.highWatermark).toBe(0);
  await append(catalog, 'a', 'new');
  const reopened = await open();
  expect(reopened.log('a', 0)?.highWatermark).toBe(1);
  expect(await readdir(join(folder, 'topics'))).toEqual(['2']);
});

test('files of a deletion that a crash interrupted are removed at the next start', async () => {
  const { catalog, open, folder } = await newCatalog();
  await catalog.create('a', 1, {});
  await catalog.delete('a');
  await mkdir(join(folder, 'topics', '1', '0'), { recursive: true });
  await open();
  expect(await readdir(join(folder, 'topics'))).toEqual([]);
});

test('the broker does not start, and removes no records, if a topic is not in the journal', async () => {
  const { open, folder } = await newCatalog();
  await mkdir(join(folder, 'topics', '7', '0'), { recursive: true });
  await expect(open()).rejects.toThrow(LogDamaged);
});

test('a topic whose creation could not be recorded does not exist', async () => {
  const { catalog, environment } = await newCatalog();
  environment.disk.fail('datasync', 'ENOSPC');
  await expect(catalog.create('a', 1, {})).rejects.toMatchObject({
    code: 'KAFKA_JOURNAL_UNAVAILABLE',
  });
  expect(catalog.get('a')).toBeUndefined();
});
