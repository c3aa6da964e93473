import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CaseCommandMessage, casewireEvents, internalEvents, Stage } from '@casewire/contracts';
import { dialects } from '@casewire/webhooks';
import { expect, test } from 'vitest';

import { blocksOf } from './page.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const page = read('docs/domain.md');
const [rules, command] = blocksOf(page)
  .filter(({ language }) => language === 'json')
  .map(({ text }) => JSON.parse(text) as unknown);

/** The cells of the rows of the table below a heading. */
const rowsBelow = (text: string, heading: string): string[][] =>
  text
    .split(`## ${heading}\n`)[1]!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));

/** The events of cases, beside those of orders. */
const caseEvents = [...casewireEvents.keys()].filter(
  (name) => !/^(?:order|verification|task|endpoint)\./.test(name),
);

/** The name of an event with `{stage}` replaced by each stage. */
const expanded = (name: string): string[] =>
  name.includes('{stage}') ? Stage.options.map((stage) => name.replace('{stage}', stage)) : [name];

const eventsIn = (cell: string): string[] =>
  [...cell.matchAll(/`([a-z_]+\.[a-z_.{}]+)`/g)].flatMap(([, name]) => expanded(name!));

test('the page has the rules of this version, and a command that follows its schema', () => {
  expect(rules).toEqual(JSON.parse(read('apps/cases/src/assessment/default-rules.json')));
  expect(CaseCommandMessage.parse(command)).toEqual(command);
});

test('every domain event is listed once with the event that it causes', () => {
  const source = read('apps/cases/src/case/case-domain-event.ts');
  const types = [...source.matchAll(/z\.literal\('(\w+)'\)/g)].map(([, type]) => type!);
  const listed = rowsBelow(page, 'What causes which event').flatMap(([names]) =>
    names!.split(', '),
  );
  expect(types.length).toBeGreaterThan(20);
  expect(listed.toSorted()).toEqual(types.toSorted());
});

test('every event of a case is caused by a domain event', () => {
  const caused = rowsBelow(page, 'What causes which event').flatMap(([, cell]) => eventsIn(cell!));
  const byCommands = 'case.command.refused';
  expect(caused.toSorted()).toEqual(caseEvents.filter((name) => name !== byCommands).toSorted());
});

/** Names of dialects that the table lacks, or has and the dialect does not. */
function wrongNames(text: string): string[] {
  const columns = ['truenroll', 'trustgate', 'trustid'] as const;
  return rowsBelow(text, 'What each dialect says when').flatMap(([event, , ...cells]) =>
    columns.flatMap((column, i) =>
      eventsIn(event!).flatMap((type) => {
        const names = [...dialects[column].eventNames!]
          .filter(([, types]) => types.includes(type))
          .map(([name]) => name);
        const cell = cells[i]!.replace('the same name', type);
        const isRight = names.length === 0 ? cell === '' : names.every((n) => cell.includes(n));
        return isRight ? [] : [`${column}: ${type}`];
      }),
    ),
  );
}

test('every event of a case for partners has the names that the dialects have for it', () => {
  const listed = rowsBelow(page, 'What each dialect says when').flatMap(([event]) =>
    eventsIn(event!),
  );
  const forPartners = caseEvents.filter((name) => !internalEvents.has(name));
  expect(listed.toSorted()).toEqual(forPartners.toSorted());
  expect(wrongNames(page)).toEqual([]);
});

test('a name that a dialect has not, or that the table lacks, is found', () => {
  expect(wrongNames(page.replace('case.resolved', 'case.decided'))).toEqual([
    'trustgate: review.resolved',
  ]);
  expect(
    wrongNames(page.replace('| a case was canceled | |', '| a case was canceled | x |')),
  ).toEqual(['truenroll: case.canceled']);
});
