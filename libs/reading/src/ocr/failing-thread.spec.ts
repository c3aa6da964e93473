import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

test('a recognizer whose thread fails as it starts is a fault of the machine, and does not end the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'failing-thread-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // Threads load it as their process does.
  const preload = join(folder, 'preload.mjs');
  const lines = [
    "import { isMainThread } from 'node:worker_threads';",
    "if (!isMainThread) throw new Error('no thread starts here');",
  ];
  writeFileSync(preload, lines.join('\n'));
  const script = join(import.meta.dirname, '../../test/ocr/recognize.ts');
  const child = spawn(process.execPath, ['--import', '#register', '--import', preload, script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect([said.trim(), code]).toEqual(['RECOGNIZER_BROKEN', 0]);
});
