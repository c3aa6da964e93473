import { randomUUID } from 'node:crypto';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { commandSequences, type Step } from '../../test/command-sequences.ts';
import { evolve } from './evolve.ts';
import { OrderDomainEvent } from './order-domain-event.ts';
import {
  activeStatuses,
  initialState,
  statusOf,
  successfulStatuses,
  tasksOf,
  type OrderState,
} from './order-state.ts';
import { orderDecider } from './order.ts';
import { ApproverRefused, CommandRefused, UnknownVerification } from './refusals.ts';
import { closedStates, isAllowed } from './transitions.ts';

interface Played {
  events: OrderDomainEvent[];
  /** The state after each command. */
  states: OrderState[];
  /** What each event of a case decided when it came again at once. */
  repeated: OrderDomainEvent[];
}

const refusals = [CommandRefused, ApproverRefused, UnknownVerification];

function decide(...args: Parameters<typeof orderDecider.decide>): OrderDomainEvent[] {
  try {
    return orderDecider.decide(...args);
  } catch (error) {
    if (refusals.some((kind) => error instanceof kind)) return [];
    throw error;
  }
}

function play(steps: readonly Step[]): Played {
  const orderId = randomUUID();
  const played: Played = { events: [], states: [initialState()], repeated: [] };
  for (const [index, step] of steps.entries()) {
    const state = played.states.at(-1)!;
    const command = step(state, index, orderId);
    const decided = decide(command, state);
    const next = decided.reduce(evolve, state);
    if (command.type === 'RecordCaseOutcome') played.repeated.push(...decide(command, next));
    played.events.push(...decided);
    played.states.push(next);
  }
  return played;
}

const forAll = (check: (played: Played) => void, numRuns = 400) =>
  fc.assert(
    fc.property(commandSequences, (steps) => check(play(steps))),
    { numRuns },
  );

const ofType = <T extends OrderDomainEvent['type']>(events: readonly OrderDomainEvent[], type: T) =>
  events.filter((event): event is Extract<OrderDomainEvent, { type: T }> => event.type === type);

test('the sequences reach every domain event, state and status', () => {
  const types = new Set<string>();
  const states = new Set<string>();
  const statuses = new Set<string>();
  forAll(({ events, states: all }) => {
    for (const { type } of events) types.add(type);
    for (const { state, previousState } of ofType(events, 'VerificationStateChanged'))
      states.add(`${previousState} -> ${state}`);
    for (const { status } of ofType(events, 'TaskStatusChanged')) statuses.add(status);
    for (const state of all) statuses.add(`order ${statusOf(state)}`);
  }, 2_000);
  expect([...types].toSorted()).toEqual(
    OrderDomainEvent.options.map(({ shape }) => shape.type.value).toSorted(),
  );
  // Every transition of the table, and the two first states.
  expect(states.size).toBe(2 + 2 + 4 + 4 + 1 + 1);
  expect(statuses.size).toBe(9 + 5);
});

test('every event follows its schema', () => {
  forAll(({ events }) => {
    for (const event of events) expect(OrderDomainEvent.parse(event)).toEqual(event);
  }, 100);
});

test('an order is created first, and times rise', () => {
  forAll(({ events }) => {
    expect(events[0]!.type).toBe('OrderCreated');
    expect(ofType(events, 'OrderCreated')).toHaveLength(1);
    const times = events.map(({ at }) => Date.parse(at));
    for (const [i, time] of times.slice(1).entries()) expect(time).toBeGreaterThan(times[i]!);
  });
});

test('states of verifications change by the table, each from the one before', () => {
  forAll(({ events }) => {
    const states = new Map<string, string>();
    for (const event of ofType(events, 'VerificationStateChanged')) {
      const { verificationId, previousState, state } = event;
      expect(previousState).toBe(states.get(verificationId) ?? null);
      expect(previousState === null || isAllowed(previousState, state)).toBe(true);
      states.set(verificationId, state);
    }
  });
});

test('a verification is completed if and only if it has a successful task', () => {
  forAll(({ states }) => {
    for (const state of states)
      for (const { verificationId, state: of } of state.verifications.values()) {
        const isSuccessful = tasksOf(state, verificationId).some(({ status }) =>
          successfulStatuses.has(status),
        );
        expect(of === 'completed').toBe(isSuccessful);
      }
  });
});

test('a closed verification has no task under way, and each canceled one has one command', () => {
  forAll(({ events, states }) => {
    const underWay = states.flatMap((state) =>
      [...state.verifications.values()]
        .filter(({ state: of }) => of !== null && closedStates.has(of))
        .flatMap(({ verificationId }) => tasksOf(state, verificationId))
        .filter(({ status }) => activeStatuses.has(status)),
    );
    expect(underWay).toEqual([]);
    const closed = ofType(events, 'TaskStatusChanged')
      .filter(({ reason }) => reason === 'VERIFICATION_CLOSED')
      .map(({ caseId }) => caseId);
    const canceled = ofType(events, 'CaseCommandIssued')
      .filter(({ command }) => command === 'CancelCase')
      .map(({ caseId }) => caseId);
    expect(canceled.toSorted()).toEqual(closed.toSorted());
    expect(new Set(canceled).size).toBe(canceled.length);
  });
});

test('a verification in process never waits for nothing: after a task without success another one is under way', () => {
  forAll(({ events, states }) => {
    const last = states.at(-1)!;
    if (last.phase !== 'open') return;
    for (const { verificationId, state } of last.verifications.values()) {
      if (state !== 'processing') continue;
      const tasks = tasksOf(last, verificationId);
      // Documents are awaited then.
      const wasResumed = ofType(events, 'VerificationStateChanged').some(
        (one) =>
          one.verificationId === verificationId &&
          ['INFORMATION_GIVEN', 'APPROVED'].includes(one.reason),
      );
      expect(
        tasks.length === 0 || wasResumed || tasks.some(({ status }) => status === 'processing'),
      ).toBe(true);
    }
  });
});

test('each success of a task, and each refresh that completed, makes one report with an id of its own', () => {
  forAll(({ events }) => {
    const successes = ofType(events, 'TaskStatusChanged').filter(
      ({ status }) => status === 'succeeded',
    );
    const reports = ofType(events, 'ReportCreated');
    expect(reports.map(({ taskId }) => taskId)).toEqual(successes.map(({ taskId }) => taskId));
    expect(new Set(reports.map(({ reportId }) => reportId)).size).toBe(reports.length);
  });
});

test('an order is completed once, when every verification is completed or canceled', () => {
  forAll(({ events, states }) => {
    expect(ofType(events, 'OrderCompleted').length).toBeLessThanOrEqual(1);
    for (const state of states) {
      expect(state.status).toBe(state.phase === 'open' ? statusOf(state) : state.status);
      const isDone = state.phase === 'open' && ['completed', 'canceled'].includes(state.status);
      expect(!isDone || state.completed).toBe(true);
    }
    for (const { results } of ofType(events, 'OrderCompleted'))
      expect(results).toHaveLength(states.at(-1)!.verifications.size);
  });
});

test('every refresh ends once at most, and every one of its tasks too', () => {
  forAll(({ events, states }) => {
    const requested = ofType(events, 'RefreshRequested');
    const finished = ofType(events, 'RefreshFinished').map(({ refreshId }) => refreshId);
    expect(new Set(finished).size).toBe(finished.length);
    const ended = ofType(events, 'TaskRefreshEnded').map((one) => `${one.refreshId} ${one.taskId}`);
    expect(new Set(ended).size).toBe(ended.length);
    const all = requested.flatMap(({ refreshId, taskIds }) =>
      taskIds.map((taskId) => `${refreshId} ${taskId}`),
    );
    expect(all).toEqual(expect.arrayContaining(ended));
    for (const state of states)
      expect(state.refresh === null || state.refresh.open.size > 0).toBe(true);
  });
});

test('no command is issued twice', () => {
  forAll(({ events }) => {
    const ids = ofType(events, 'CaseCommandIssued').map(({ commandId }) => commandId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('after a deletion only cases that come late are deleted', () => {
  forAll(({ events }) => {
    const deletion = events.findIndex(({ type }) => type === 'OrderDeleted');
    if (deletion < 0) return;
    for (const event of events.slice(deletion + 1))
      expect(event).toMatchObject({ type: 'CaseCommandIssued', command: 'DeleteCase' });
  });
});

test('an event of a case that comes again at once changes nothing', () => {
  forAll(({ repeated }) => {
    expect(repeated).toEqual([]);
  });
});
