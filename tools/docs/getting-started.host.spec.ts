import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { freePort } from '@casewire/apache-kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { blocksOf } from './page.ts';
import { Terminal } from './terminal.ts';

const root = resolve(import.meta.dirname, '../..');
const blocks = blocksOf(readFileSync(join(root, 'docs/getting-started.md'), 'utf8'));
const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
const [announced, received] = blocks
  .filter(({ language }) => language === 'text')
  .map(({ text }) => text.trimEnd().split('\n'));

// The commands run unchanged, in a folder with links to the repository's files and with a `.casewire` of its own.
const linked = [
  'apps',
  'docs',
  'libs',
  'node_modules',
  'package.json',
  'tools',
  'tsconfig.base.json',
];
let folder: string;
let platform: Terminal;
let reader: Terminal;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'casewire-getting-started-'));
  // PostgreSQL may run as another account, which has to enter.
  chmodSync(folder, 0o755);
  for (const name of linked) symlinkSync(join(root, name), join(folder, name));
  const temporary = { TMPDIR: join(folder, 'tmp') };
  mkdirSync(temporary.TMPDIR);
  const ports = {
    PORT: '0',
    KAFKA_PORT: '0',
    POSTGRES_PORT: '0',
    METRICS_PORT: '0',
    LOG_LEVEL: 'error',
  };
  platform = new Terminal(folder, { ...temporary, ...ports });
  reader = new Terminal(folder, { ...temporary, RECEIVER_PORT: String(await freePort()) });
});
afterAll(async () => {
  await reader.close();
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

const lines = (screen: string, beginning: string) =>
  screen.split('\n').filter((line) => line.startsWith(beginning));

test('every command of the page works, from the start of the platform to a verified webhook', async () => {
  const [start, ...rest] = commands;
  expect(start).toBe('npm start\n');
  expect(rest).toHaveLength(8);
  const [connect, register, receive, forge, submit, results, log, stop] = rest as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  platform.type(start!);
  await platform.until((screen) => /Operator key .*\n/.test(screen), start);
  const labels = announced!.map((line) => line.replace(/\s*(http\S+|127\S+|…)$/, ''));
  for (const label of labels) expect(platform.output).toContain(label);

  await reader.run(connect);
  await reader.run(register);
  await reader.run(receive);
  // A reader is slower than the start of the receiver; the test is not.
  await reader.run(
    'until curl -sS -o /dev/null "http://127.0.0.1:$RECEIVER_PORT/" 2> /dev/null; do true; done',
  );
  const forged = await reader.run(forge);
  expect(forged).toContain('refused: Missing required headers\n');
  expect(forged).toMatch(/^401$/m);

  await reader.run(submit);
  await reader.until((screen) => lines(screen, 'verified').length >= received!.length, submit);
  expect(lines(reader.output, 'verified').toSorted()).toEqual(received!.toSorted());

  const read = JSON.parse(await reader.run(results)) as {
    uploads: { result: { fields: { name: string; value: string }[] } }[];
  };
  expect(read.uploads[0]!.result.fields).toContainEqual(
    expect.objectContaining({ name: 'surname', value: 'ABERNATHY' }),
  );
  const logged = JSON.parse(await reader.run(log)) as { items: { state: string }[] };
  expect(logged.items).toHaveLength(received!.length);
  await reader.run(stop);
});

test('a command that fails is reported with the output of its terminal', async () => {
  const terminal = new Terminal(folder);
  try {
    await expect(terminal.run('echo before\ncat /nowhere')).rejects.toThrow(
      /a command failed: echo before[\s\S]*nowhere/,
    );
  } finally {
    await terminal.close();
  }
});
