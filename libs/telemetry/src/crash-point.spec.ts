import { spawnSync } from 'node:child_process';

import { expect, test } from 'vitest';

const module = new URL('./crash-point.ts', import.meta.url).href;
const program = `
  const { crashPoint } = await import(${JSON.stringify(module)});
  for (let pass = 1; pass <= 3; pass++) {
    crashPoint('first');
    console.log('passed ' + pass);
    crashPoint('second');
  }
`;

const run = (at?: string) =>
  spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    env: { PATH: process.env.PATH, ...(at && { CASEWIRE_CRASH_AT: at }) },
    encoding: 'utf8',
  });

test('a process is killed at the named point', () => {
  const { signal, stdout } = run('first');
  expect(signal).toBe('SIGKILL');
  expect(stdout).toBe('');
});

test('a process is killed at the named pass', () => {
  const { signal, stdout } = run('second:2');
  expect(signal).toBe('SIGKILL');
  expect(stdout).toBe('passed 1\npassed 2\n');
});

test.each([undefined, 'third', 'first:9'])(
  'a process with the crash point %s is not killed',
  (at) => {
    expect(run(at).status).toBe(0);
  },
);
