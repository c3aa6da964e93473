import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

const guard = join(import.meta.dirname, 'ends-with-starter.ts');

test('worker threads of a process that ends with its starter can start', async () => {
  const lines = [
    "const { Worker } = require('node:worker_threads');",
    "const worker = new Worker(new URL('data:text/javascript,'));",
    "worker.on('error', ({ message }) => console.log(message));",
    "worker.on('exit', (code) => process.exit(code));",
  ];
  const child = spawn(
    process.execPath,
    ['--import', '#register', '--import', guard, '-e', lines.join('\n')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect([output, code]).toEqual(['', 0]);
});
