import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

test('an OCR worker whose thread fails at its start is the fault of the machine, and does not end the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'failing-thread-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // The threads of a process load its preloaded modules too.
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
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect([output.trim(), code]).toEqual(['RECOGNIZER_BROKEN', 0]);
});
