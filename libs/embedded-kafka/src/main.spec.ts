import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { BrokerProcess, runMain } from '../test/broker-process.ts';
import { connectedAdmin, kafkajsClient } from '../test/started-broker.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';

test('the program prints its port, serves clients, and ends cleanly on SIGTERM', async () => {
  const folder = await temporaryFolder(onTestFinished);
  const broker = await BrokerProcess.start(folder);
  onTestFinished(() => broker.kill());
  const admin = await connectedAdmin(onTestFinished, kafkajsClient(`127.0.0.1:${broker.port}`));
  expect(await admin.createTopics({ topics: [{ topic: 'a' }] })).toBe(true);
  expect(await broker.terminate()).toBe(0);
});

test('a second broker on the same folder is refused, and the first one continues', async () => {
  const folder = await temporaryFolder(onTestFinished);
  const broker = await BrokerProcess.start(folder);
  onTestFinished(() => broker.kill());
  await expect(BrokerProcess.start(folder)).rejects.toThrow('in use by process');
  expect(await broker.terminate()).toBe(0);
});

test.each([
  [[], 'directory'],
  [['--directory', '/tmp/x', '--port', 'high'], 'port'],
  [['--folder', '/tmp/x'], 'folder'],
])('the program with %j fails and names %s', async (args, name) => {
  const child = runMain(...args);
  const [message, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(message).toContain(name);
  expect(code).not.toBe(0);
});
