import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import {
  CaseCommandMessage,
  casewireEvents,
  internalEvents,
  Stage,
  type DialectName,
} from '@casewire/contracts';
import { dialects, type Dialect } from '@casewire/webhooks';
import { expect, test } from 'vitest';

import { blocksOf } from './page.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const page = read('docs/domain.md');
const [rules, command] = blocksOf(page)
  .filter(({ language }) => language === 'json')
  .map(({ text }) => JSON.parse(text) as unknown);

/** The rows of the table below a heading, with the row of the headings first. */
const tableBelow = (text: string, heading: string): string[][] =>
  text
    .split(`# ${heading}\n`)[1]!
    .split(/\n#+ /)[0]!
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
const rowsBelow = (text: string, heading: string) => tableBelow(text, heading).slice(1);

/** The events of cases and orders, without those of endpoints. */
const events = [...casewireEvents.keys()].filter((name) => !name.startsWith('endpoint.'));
const isOfOrders = (name: string) => /^(?:order|verification|task)\./.test(name);

/** The name of an event with `{stage}` replaced by each stage. */
const expanded = (name: string): string[] =>
  name.includes('{stage}') ? Stage.options.map((stage) => name.replace('{stage}', stage)) : [name];

const eventsIn = (cell: string): string[] =>
  [...cell.matchAll(/`([a-z_]+\.[a-z_.{}]+)`/g)].flatMap(([, name]) => expanded(name!));

test('the page has the rules of this version, and a command that follows its schema', () => {
  expect(rules).toEqual(JSON.parse(read('apps/cases/src/assessment/default-rules.json')));
  expect(CaseCommandMessage.parse(command)).toEqual(command);
});

test.each([
  ['cases', 'apps/cases/src/case/case-domain-event.ts', 20],
  ['orders', 'apps/orders/src/order/order-domain-event.ts', 15],
])('every domain event of %s is listed once with the event that it causes', (of, file, count) => {
  const types = [...read(file).matchAll(/z\.literal\('(\w+)'\)/g)].map(([, type]) => type!);
  const listed = rowsBelow(page, `Domain events of ${of}`).flatMap(([names]) => names!.split(', '));
  expect(types.length).toBeGreaterThan(count);
  expect(listed.toSorted()).toEqual(types.toSorted());
});

test('every event of cases and orders is caused by a domain event', () => {
  const causedBy = (of: string) =>
    rowsBelow(page, `Domain events of ${of}`).flatMap(([, cell]) => eventsIn(cell!));
  const byCommands = 'case.command.refused';
  const ofCases = events.filter((name) => !isOfOrders(name) && name !== byCommands);
  // A command is on a topic, which is no event.
  const ofOrders = causedBy('orders').filter((name) => name !== 'cases.commands');
  expect(causedBy('cases').toSorted()).toEqual(ofCases.toSorted());
  expect(ofOrders.toSorted()).toEqual(events.filter(isOfOrders).toSorted());
});

const vocabularies = 'What each dialect says when';

/** The names that a dialect has for an event type. */
function namesOf(dialect: Dialect, type: string): string[] {
  if (dialect.eventNames === null) return [type];
  return [...dialect.eventNames].filter(([, types]) => types.includes(type)).map(([name]) => name);
}

/** Names of dialects that the table lacks, or has and the dialect does not. */
function wrongNames(text: string): string[] {
  const [[, , ...headings], ...rows] = tableBelow(text, vocabularies) as [string[], ...string[][]];
  return rows.flatMap(([event, , ...cells]) =>
    headings.flatMap((heading, i) =>
      heading.split(', ').flatMap((name) => {
        const dialect = dialects[name as DialectName];
        return eventsIn(event!).flatMap((type) => {
          const said = namesSaid(cells[i]!.replace('the same name', type));
          return said.join() === namesOf(dialect, type).toSorted().join()
            ? []
            : [`${name}: ${type}`];
        });
      }),
    ),
  );
}

/** The names in a cell, without what explains them. */
const namesSaid = (cell: string): string[] =>
  cell === ''
    ? []
    : cell
        .split('; ')
        .map((part) => part.split(' ')[0]!)
        .toSorted();

test('the table has every dialect, and every event of cases and orders for partners', () => {
  const [[, , ...headings]] = tableBelow(page, vocabularies) as [string[]];
  expect(headings.flatMap((names) => names.split(', ')).toSorted()).toEqual(
    Object.keys(dialects).toSorted(),
  );
  const listed = rowsBelow(page, vocabularies).flatMap(([event]) => eventsIn(event!));
  const forPartners = events.filter((name) => !internalEvents.has(name));
  expect(listed.toSorted()).toEqual(forPartners.toSorted());
});

test('every event has the names that the dialects have for it', () => {
  expect(wrongNames(page)).toEqual([]);
});

test('a name that a dialect has not, or that the table lacks, is found', () => {
  const wrong = (now: string, planted: string) => {
    expect(page).toContain(now);
    return wrongNames(page.replace(now, planted));
  };
  expect(wrong('case.resolved', 'case.decided')).toEqual(['trustgate: review.resolved']);
  expect(
    wrong('a case was canceled | the same name | |', 'a case was canceled | the same name | x |'),
  ).toEqual(['truenroll: case.canceled']);
  expect(wrong('order-refresh-failed', '')).toEqual(['truv: order.refresh_failed']);
  expect(wrong('| verification_request.state.change |', '| state.change |')).toEqual([
    'truework: verification.state_changed',
  ]);
  expect(
    wrong('| the same name | | order.completed |', '| order.done | | order.completed |'),
  ).toEqual(['casewire: order.completed', 'cloudevents: order.completed']);
});
