import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

/** A process that ends itself. It hangs in `process.exit` if the test configures that. */
async function ended(hangs: boolean) {
  const module = join(import.meta.dirname, 'end-process.ts');
  const script = `
    const { endProcess } = await import(${JSON.stringify(module)});
    if (${hangs}) process.on('exit', () => { for (;;); });
    endProcess(7);`;
  const child = spawn(
    process.execPath,
    ['--import', '#register', '--input-type=module', '-e', script],
    { cwd: join(import.meta.dirname, '../../..'), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { code, signal };
}

test('a process ends with its exit code', async () => {
  expect(await ended(false)).toEqual({ code: 7, signal: null });
});

test('a process whose exit hangs is killed', async () => {
  expect(await ended(true)).toEqual({ code: null, signal: 'SIGKILL' });
});
