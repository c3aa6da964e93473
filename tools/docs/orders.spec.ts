import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import {
  casewireEvents,
  CreateOrder,
  CreateTemplate,
  GiveInformation,
  internalEvents,
  OrdersQuery,
  OrderView,
  TemplateVerification,
  VerificationState,
} from '@casewire/contracts';
import { expect, test } from 'vitest';
import type { z } from 'zod';

import { blocksOf } from './page.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const page = read('docs/orders.md');

/** The bodies of the requests of the page: JSON in the quotes after `-d`. */
const bodies = [...page.matchAll(/-d '([^']+)'/g)].map(([, text]) => JSON.parse(text!) as unknown);

test('the requests of the page follow their schemas', () => {
  expect(bodies).toHaveLength(3);
  for (const [i, schema] of [CreateTemplate, CreateOrder, GiveInformation].entries())
    expect(schema.safeParse(bodies[i]).error).toBeUndefined();
});

test('the response of the page has fields of an order, with values that are valid', () => {
  const [block] = blocksOf(page).filter(({ language }) => language === 'json');
  const { verifications, ...order } = JSON.parse(block!.text) as { verifications: object[] };
  const { element } = OrderView.shape.verifications;
  const isPartOf = (schema: z.ZodObject, value: object) =>
    schema.partial().strict().safeParse(value).error;
  expect(isPartOf(OrderView, order)).toBeUndefined();
  for (const verification of verifications) expect(isPartOf(element, verification)).toBeUndefined();
});

/** The names in the first cells of the table below a heading row, and of the second cells for tables of templates. */
const rowsOf = (head: string): string[][] =>
  page
    .split(`${head}\n`)[1]!
    .split('\n\n')[0]!
    .split('\n')
    .slice(1)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
const namesOf = (head: string) =>
  rowsOf(head).flatMap(([cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));

test('the tables have every field, parameter, state and event', () => {
  expect(namesOf('| field of a verification | meaning |').toSorted()).toEqual(
    Object.keys(TemplateVerification.shape).toSorted(),
  );
  expect(namesOf('| field | meaning |').toSorted()).toEqual(
    Object.keys(CreateOrder.shape).toSorted(),
  );
  expect(namesOf('| parameter | selects |').toSorted()).toEqual(
    Object.keys(OrdersQuery.shape).toSorted(),
  );
  expect(namesOf('| state of a verification | means |')).toEqual(
    expect.arrayContaining(VerificationState.options),
  );
  const events = [...casewireEvents.keys()].filter(
    (name) => /^(?:order|verification|task)\./.test(name) && !internalEvents.has(name),
  );
  expect(namesOf('| event | is sent |').toSorted()).toEqual(events.toSorted());
});

test('the templates of the page are those of the platform', () => {
  const { templates } = JSON.parse(read('apps/orders/src/templates/default-templates.json')) as {
    templates: { id: string; verifications: { name: string }[] }[];
  };
  const rows = rowsOf('| template | verifications |');
  expect(rows.map(([id]) => id)).toEqual(templates.map(({ id }) => `\`${id}\``));
  for (const [i, { verifications }] of templates.entries())
    for (const { name } of verifications) expect(rows[i]![1]).toContain(`\`${name}\`:`);
});

test('the page has every code that orders refuses a request with', () => {
  const files = ['order/refresh.ts', 'order/verify.ts', 'order/refusals.ts'];
  const codes = files.flatMap((file) =>
    [...read(`apps/orders/src/${file}`).matchAll(/(?:CommandRefused\(|code = )'([A-Z_]+)'/g)].map(
      ([, code]) => code!,
    ),
  );
  expect(codes.length).toBeGreaterThan(4);
  // A verification that the order does not have is a 404.
  const missing = codes.filter((code) => code !== 'VERIFICATION_UNKNOWN' && !page.includes(code));
  expect(missing).toEqual([]);
});
