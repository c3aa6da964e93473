import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

import { blocksOf } from './page.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/dialects.md'), 'utf8');

/** The head and the body of the request that a golden file contains. */
function golden(dialect: string, event: string): { head: string; body: unknown } {
  const file = join(root, `libs/webhooks/test/golden/${dialect}/${event}.http`);
  const [head, body] = readFileSync(file, 'utf8').split('\n\n');
  return { head: head!, body: JSON.parse(body!) };
}

/** The requests of the page, in its order. */
const shown = [
  ['truework', 'verification.state_changed'],
  ['truework', 'order.completed'],
  ['truv', 'order.created'],
  ['truv', 'order.status_updated'],
  ['truv', 'task.status_updated'],
  ['casewire', 'order.created'],
  ['casewire', 'verification.state_changed'],
  ['casewire', 'task.status_updated'],
  ['casewire', 'order.status_updated'],
  ['casewire', 'order.completed'],
] as const;

/** Bodies of the page that are not those of the golden files. */
function wrongBodies(text: string): string[] {
  const bodies = blocksOf(text).filter(({ language }) => language === 'json');
  expect(bodies).toHaveLength(shown.length);
  return shown.flatMap(([dialect, event], i) => {
    const is = JSON.stringify(JSON.parse(bodies[i]!.text));
    return is === JSON.stringify(golden(dialect, event).body) ? [] : [`${dialect}: ${event}`];
  });
}

test('the bodies of the events of orders are those of the golden files', () => {
  expect(wrongBodies(page)).toEqual([]);
});

test('a body with another value, or with a field more, is found', () => {
  expect(wrongBodies(page.replace('"status": "pending"', '"status": "new"'))).toEqual([
    'truv: order.created',
  ]);
  expect(
    wrongBodies(page.replace('"reason": "TASK_FAILED"', '"reason": null, "product": null')),
  ).toEqual(['casewire: verification.state_changed']);
});

test('the CloudEvent of an order has the headers and the body of its golden file', () => {
  const [block] = blocksOf(page).filter(({ language }) => language === 'http');
  const [headers, body] = block!.text.split('\n\n');
  const { head, body: expected } = golden('cloudevents', 'verification.state_changed');
  const lines = head.split('\n').filter((line) => /^(?:ce-|content-type)/.test(line));
  expect(headers!.split('\n')).toEqual(lines);
  expect(JSON.parse(body!)).toEqual(expected);
});
