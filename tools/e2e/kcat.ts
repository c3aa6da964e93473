import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { expect } from 'vitest';

/** A record to publish with kcat: the key and the JSON of the value must not contain a line break or `|`. */
export interface KcatRecord {
  topic: string;
  key: string;
  headers?: Record<string, string>;
  value: object;
}

/** Publishes one record with kcat (Debian package `kcat`), as docs/catalog.md describes it for teams. */
export async function publishWithKcat(
  brokers: string,
  { topic, key, headers = {}, value }: KcatRecord,
): Promise<void> {
  const args = ['-P', '-b', brokers, '-t', topic, '-K', '|'];
  args.push('-X', 'partitioner=murmur2_random');
  for (const [name, header] of Object.entries(headers)) args.push('-H', `${name}=${header}`);
  // Not synchronously: the embedded broker runs in this process.
  const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.end(`${key}|${JSON.stringify(value)}\n`);
  const [complaint, code] = await Promise.all([text(child.stderr), exit]);
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
}
