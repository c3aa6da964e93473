import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { describe, expect, onTestFinished, test } from 'vitest';

import { startedBroker } from '../test/started-broker.ts';

/** Runs kcat (Debian package `kcat`) with the input; gives its output, or throws with what it complained of. */
async function kcat(input: string | null, ...args: string[]): Promise<string> {
  const child = spawn('kcat', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.end(input ?? undefined);
  const [output, complaint, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exit,
  ]);
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${complaint}`);
  return output;
}

const lines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => `line ${from + n}`);
const joined = (values: string[]) => values.map((value) => `${value}\n`).join('');
const split = (output: string) => output.split('\n').filter((line) => line !== '');

async function newBroker() {
  const { brokers } = await startedBroker(onTestFinished);
  return {
    produce: (values: string[], ...args: string[]) =>
      kcat(joined(values), '-b', brokers, '-P', ...args),
    consume: (...args: string[]) =>
      kcat(null, '-b', brokers, '-C', '-q', '-e', '-o', 'beginning', ...args),
    kcat: (...args: string[]) => kcat(null, '-b', brokers, ...args),
  };
}

describe('kcat', () => {
  test('consumes the records that it produced', async () => {
    const broker = await newBroker();
    await broker.produce(lines(2000), '-t', 't');
    expect(split(await broker.consume('-t', 't')).toSorted()).toEqual(lines(2000).toSorted());
  });

  test('gets the records of a partition in order, with their offsets', async () => {
    const broker = await newBroker();
    await broker.produce(lines(500), '-t', 't', '-p', '2');
    const output = await broker.consume('-t', 't', '-p', '2', '-f', '%o %s\n');
    expect(split(output)).toEqual(lines(500).map((line, offset) => `${offset} ${line}`));
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'compresses with %s, and the records are stored compressed',
    async (codec) => {
      const broker = await newBroker();
      const repetitive = Array<string>(1000).fill('the same line again and again');
      await broker.produce(repetitive, '-t', 't', '-p', '0', '-z', codec);
      expect(split(await broker.consume('-t', 't'))).toEqual(repetitive);
    },
  );

  test('produces idempotently', async () => {
    const broker = await newBroker();
    await broker.produce(lines(1000), '-t', 't', '-p', '0', '-X', 'enable.idempotence=true');
    expect(split(await broker.consume('-t', 't'))).toEqual(lines(1000));
  });

  test('produces all records without acknowledgements', async () => {
    const broker = await newBroker();
    await broker.produce(lines(100), '-t', 't', '-p', '0', '-X', 'acks=0');
    await broker.produce(lines(1, 100), '-t', 't', '-p', '0', '-X', 'acks=1');
    expect(split(await broker.consume('-t', 't'))).toEqual(lines(101));
  });

  test('continues at the committed offsets of its group', async () => {
    const broker = await newBroker();
    const asGroup = () =>
      broker.kcat('-G', 'g', '-q', '-e', '-X', 'auto.offset.reset=earliest', 't');
    await broker.produce(lines(300), '-t', 't');
    expect(split(await asGroup()).toSorted()).toEqual(lines(300).toSorted());
    await broker.produce(lines(20, 300), '-t', 't');
    expect(split(await asGroup()).toSorted()).toEqual(lines(20, 300).toSorted());
  });

  test('lists the broker and its topics', async () => {
    const broker = await newBroker();
    await broker.produce(lines(1), '-t', 'listed');
    const sixLedByOne = Array.from({ length: 6 }, () => ({ leader: 1 }));
    const metadata = JSON.parse(await broker.kcat('-L', '-J')) as object;
    expect(metadata).toMatchObject({
      brokers: [{ id: 1 }],
      topics: [{ topic: 'listed', partitions: sixLedByOne }],
    });
  });

  test('finds offsets by time', async () => {
    const broker = await newBroker();
    await broker.produce(lines(10), '-t', 't', '-p', '0');
    expect(await broker.kcat('-Q', '-t', 't:0:-1')).toContain('offset 10');
    expect(await broker.kcat('-Q', '-t', 't:0:-2')).toContain('offset 0');
    expect(await broker.kcat('-Q', '-t', 't:0:1')).toContain('offset 0');
  });
});
