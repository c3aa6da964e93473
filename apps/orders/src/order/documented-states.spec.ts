import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { OrderStatus, TaskStatus, VerificationState } from '@casewire/contracts';
import { describe, expect, test } from 'vitest';

import { changeBy, observedEvents, type Change } from '../../test/observed-changes.ts';
import { arrowsOf, namesIn, sectionOf, tablesOf } from '../../test/orders-page.ts';
import { outcomeReaders } from '../intake/case-outcome.ts';
import { outgoingEventOf } from '../outbox/outgoing-event.ts';
import type { OrderCommand } from './order-command.ts';
import { OrderDomainEvent } from './order-domain-event.ts';
import { initialState, statusOf, type OrderState } from './order-state.ts';
import { allowedActions, closedStates, transitions } from './transitions.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/domain.md'), 'utf8');

// As many as reach every change: the test of the diagrams would miss one otherwise.
const observed = observedEvents(4_000, 1);
const changes = observed.flatMap((one) => changeBy(one) ?? []);

const sections = {
  verification: 'Verification',
  task: 'Task',
  order: 'Order',
  refresh: 'Refresh of an order',
} satisfies Record<Change['of'], string>;
const things = Object.entries(sections) as [Change['of'], string][];

const commands = {
  CreateOrder: true,
  ApproveVerification: true,
  RefuseVerification: true,
  GiveInformation: true,
  CancelVerification: true,
  CancelOrder: true,
  RefreshOrder: true,
  DeleteOrder: true,
  RecordCaseOutcome: true,
} satisfies Record<OrderCommand['type'], true>;
const domainEvents = OrderDomainEvent.options.map(({ shape }) => shape.type.value);

const sorted = (all: Iterable<string>) => [...new Set(all)].toSorted();

const pair = ({ from, to }: { from: string; to: string }) => `${from} -> ${to}`;

/** Arrows of a diagram that never happen, and changes that no arrow shows. */
function wrongArrows(text: string, of: Change['of']): string[] {
  const shown = sorted(arrowsOf(sectionOf(text, sections[of])).map(pair));
  const happened = sorted(changes.filter((one) => one.of === of).map(pair));
  return [
    ...shown.filter((one) => !happened.includes(one)),
    ...happened.filter((one) => !shown.includes(one)),
  ];
}

describe.each(things)('the states of a %s', (of, heading) => {
  test('change as the diagram shows, and no other way', () => {
    expect(wrongArrows(page, of)).toEqual([]);
  });

  test('change by commands, by events that orders consumes, and with domain events that exist', () => {
    const arrows = arrowsOf(sectionOf(page, heading));
    expect(arrows.length).toBeGreaterThan(2);
    for (const { cause, domainEvents: following } of arrows) {
      for (const [name] of cause.matchAll(/\b[A-Z]\w+/g)) expect(commands).toHaveProperty(name);
      for (const [name] of cause.matchAll(/\b[a-z]+\.[a-z_.]+/g))
        expect([...outcomeReaders.keys()]).toContain(name);
      expect(domainEvents).toEqual(expect.arrayContaining(following));
    }
  });
});

test('an arrow that is missing in a diagram, and one that never happens, are found', () => {
  const without = page.replace(/^ +completed --> invalid: .+$/m, '');
  expect(wrongArrows(without, 'verification')).toEqual(['completed -> invalid']);
  const more = page.replace(
    'canceled --> removed: case.erased',
    'rejected --> failed: case.erased',
  );
  expect(wrongArrows(more, 'task')).toEqual(['rejected -> failed', 'canceled -> removed']);
});

const [transitionRows, reasonRows] = tablesOf(sectionOf(page, 'Verification')) as [
  string[][],
  string[][],
];

test('the table of transitions is that of the code', () => {
  const listed = transitionRows.map(([state, next, actions, accepts]) => [
    ...namesIn(state!),
    namesIn(next!),
    namesIn(actions!),
    accepts,
  ]);
  expect(listed).toEqual(
    VerificationState.options
      .toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
      .map((state) => [state, transitions[state], allowedActions[state], acceptsCases(state)]),
  );
});
const order = transitionRows.map(([state]) => namesIn(state!)[0]);
function acceptsCases(state: VerificationState): string {
  if (state === 'pending-approval') return 'no: 409 `VERIFICATION_NOT_APPROVED`';
  return closedStates.has(state) ? 'no: 409 `VERIFICATION_CLOSED`' : 'yes';
}

/** Reasons with the states that they lead to. */
const reasonsOf = (of: Change['of']): Map<string, string[]> => {
  const withReason = changes.filter((one) => one.of === of && one.reason !== null);
  const byReason = Map.groupBy(withReason, ({ reason }) => reason!);
  return new Map([...byReason].map(([reason, all]) => [reason, sorted(all.map(({ to }) => to))]));
};

test('the reasons of verifications are listed, each with the states that it leads to', () => {
  const listed = reasonRows.map(([reason, states]) => [namesIn(reason!)[0]!, namesIn(states!)]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(reasonsOf('verification')));
});

test('the statuses and the reasons of tasks are listed', () => {
  const section = sectionOf(page, 'Task');
  const [verdicts] = tablesOf(section);
  const ofVerdicts = verdicts!.flatMap(([, status, reason]) =>
    namesIn(reason!).map((code) => `${namesIn(status!)[0]} ${code}`),
  );
  const happened = changes.flatMap(({ of, to, reason }) =>
    of === 'task' && ['failed', 'rejected'].includes(to) ? [`${to} ${reason}`] : [],
  );
  expect(sorted(ofVerdicts)).toEqual(sorted(happened));
  // A refresh has the code of any failure.
  const others = changes.flatMap(({ of, to, reason }) =>
    of === 'task' && to !== 'refresh_failed' && reason !== null ? [reason] : [],
  );
  expect(namesIn(section)).toEqual(expect.arrayContaining(sorted(others)));
  const statuses = arrowsOf(section).flatMap(({ from, to }) => [from, to]);
  expect(sorted(statuses.filter((name) => name !== '[*]'))).toEqual(sorted(TaskStatus.options));
});

/** The status of an order by the table: the first row that applies. */
const statusByTable = (states: readonly string[], tasks: number): string => {
  const [rows] = tablesOf(sectionOf(page, 'Order'));
  const [status] = rows!.find(([, every, count]) => {
    const allowed = namesIn(every!);
    return (
      (allowed.length === 0 || states.every((state) => allowed.includes(state))) &&
      (count === 'any' || tasks === 0)
    );
  })!;
  return namesIn(status!)[0]!;
};

test('the status of an order follows from its verifications by the table', () => {
  const [rows] = tablesOf(sectionOf(page, 'Order'));
  expect(sorted(rows!.flatMap(([status]) => namesIn(status!)))).toEqual(
    sorted(OrderStatus.options),
  );
  const all = VerificationState.options;
  for (const states of all.flatMap((a) => all.flatMap((b) => all.map((c) => [a, b, c]))))
    for (const tasks of [0, 1]) {
      const verifications = new Map(states.map((state, i) => [`${i}`, { state }]));
      const state = { ...initialState(), verifications, tasks: new Map(tasks ? [['1', {}]] : []) };
      expect([states, tasks, statusByTable(states, tasks)]).toEqual([
        states,
        tasks,
        statusOf(state as unknown as OrderState),
      ]);
    }
});

test('every domain event is listed once, with the event that it causes', () => {
  const [rows] = tablesOf(sectionOf(page, 'Domain events of orders'));
  const listed = rows!.flatMap(([types, cell]) =>
    types!
      .split(', ')
      .map((type) => [type, cell!.startsWith('none') ? undefined : namesIn(cell!)[0]]),
  );
  const caused = new Map<string, string | undefined>();
  for (const { event, before } of observed)
    caused.set(event.type, outgoingEventOf(before.id, event, contextOf(before))?.type);
  expect(listed.toSorted()).toEqual([...caused].toSorted());
  expect(sorted(caused.keys())).toEqual(sorted(domainEvents));
});
const contextOf = ({ verifications }: OrderState) => ({
  organizationId: '',
  environment: 'sandbox' as const,
  number: '',
  templateId: '',
  templateVersion: 1,
  userId: null,
  metadata: {},
  correlationId: null,
  verifications,
});
