import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
/** A network namespace with only loopback; needs root, and `ip` (Debian package `iproute2`). */
const namespace = `casewire-${randomUUID().slice(0, 8)}`;
const inside = (...command: string[]) => ['netns', 'exec', namespace, ...command];

beforeAll(async () => {
  await run('ip', ['netns', 'add', namespace]);
  await run('ip', inside('ip', 'link', 'set', 'lo', 'up'));
  const settings = ['all', 'default', 'lo'].map(
    (one) => `/proc/sys/net/ipv6/conf/${one}/disable_ipv6`,
  );
  await run('ip', inside('sh', '-c', settings.map((one) => `echo 1 > ${one}`).join(' && ')));
});
afterAll(() => run('ip', ['netns', 'del', namespace]));

test('without IPv6 the platform starts, accepts cases, and delivers their events', async () => {
  expect((await run('ip', inside('ip', '-6', 'addr'))).stdout).toBe('');
  const demo = ['--import', './tools/node/register.mjs', 'tools/demo/main.ts', '--plain'];
  const child = spawn('ip', inside(process.execPath, ...demo), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const append = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000));
  child.stdout.on('data', append);
  child.stderr.on('data', append);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    expect(output).toMatch(/verif/i);
  } finally {
    child.kill('SIGKILL');
  }
}, 300_000);
