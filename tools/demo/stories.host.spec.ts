import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Runs the command of `npm run demo` in a process of its own. */
async function demo(...args: string[]) {
  const register = ['--import', './tools/node/register.mjs'];
  const child = spawn(process.execPath, [...register, 'tools/demo/main.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exit,
  ]);
  return { code, output, errors };
}

test.each([
  ['trustid', 10, ['ContainerSubmitted', 'ContainerModifiedPostResult']],
  ['trustgate', 11, ['document.rejected', 'case.resolved']],
  ['truework', 7, ['verification_request.state.change', 'order.completed']],
  ['truv', 15, ['order-created', 'task-status-updated', 'order-refresh-failed']],
])('the story %s shows its %s requests, verified', async (name, count, events) => {
  const { code, output, errors } = await demo('--story', name);
  expect({ code, errors, output: code === 0 ? '' : output }).toEqual({
    code: 0,
    errors: '',
    output: '',
  });
  expect(output.match(/ {2}POST /g)).toHaveLength(count);
  expect(output.match(/ verified: webhook-signature/g)).toHaveLength(count);
  for (const event of events) expect(output).toContain(`POST ${event} to endpoint`);
});

test('an unknown story is refused with the list of stories, before anything starts', async () => {
  const { code, output, errors } = await demo('--story', 'truenroll');
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toContain('stories: trustid, trustgate, truework, truv');
});
