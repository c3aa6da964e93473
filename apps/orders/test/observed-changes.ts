import { randomUUID } from 'node:crypto';

import * as fc from 'fast-check';

import { evolve } from '../src/order/evolve.ts';
import type { OrderDomainEvent } from '../src/order/order-domain-event.ts';
import { initialState, type OrderState } from '../src/order/order-state.ts';
import { orderDecider } from '../src/order/order.ts';
import { ApproverRefused, CommandRefused, UnknownVerification } from '../src/order/refusals.ts';
import { commandSequences, type Step } from './command-sequences.ts';

/** A change of one thing of an order. Its first state comes from `[*]`. */
export interface Change {
  of: 'verification' | 'task' | 'order' | 'refresh';
  from: string;
  to: string;
  /** A code; null where the change has none. */
  reason: string | null;
}

/** A domain event with the state of its order before it. */
export interface Observed {
  event: OrderDomainEvent;
  before: OrderState;
}

/** The domain events of random sequences of everything that can happen to an order. Equal numbers give equal sequences. */
export const observedEvents = (sequences: number, seed: number): Observed[] =>
  fc.sample(commandSequences, { numRuns: sequences, seed }).flatMap(eventsOf);

function eventsOf(steps: readonly Step[]): Observed[] {
  const orderId = randomUUID();
  const observed: Observed[] = [];
  let state = initialState();
  for (const [index, step] of steps.entries()) {
    for (const event of decide(step(state, index, orderId), state)) {
      observed.push({ event, before: state });
      state = evolve(state, event);
    }
  }
  return observed;
}

/** A command that is refused changes nothing. */
function decide(...args: Parameters<typeof orderDecider.decide>): OrderDomainEvent[] {
  try {
    return orderDecider.decide(...args);
  } catch (error) {
    const refusals = [CommandRefused, ApproverRefused, UnknownVerification];
    if (refusals.some((kind) => error instanceof kind)) return [];
    throw error;
  }
}

const start = '[*]';

/** The change that a domain event records; undefined if it records none. */
export function changeBy({ event, before }: Observed): Change | undefined {
  const { type } = event;
  if (type === 'OrderCreated') return { of: 'order', from: start, to: 'pending', reason: null };
  if (type === 'OrderStatusChanged')
    return { of: 'order', from: before.status, to: event.status, reason: null };
  if (type === 'OrderDeleted')
    return { of: 'order', from: before.status, to: 'deleted', reason: null };
  if (type === 'VerificationStateChanged') {
    const { previousState, state: to, reason } = event;
    return { of: 'verification', from: previousState ?? start, to, reason };
  }
  if (type === 'TaskCreated') return { of: 'task', from: start, to: 'processing', reason: null };
  if (type === 'TaskStatusChanged') {
    const { status: from } = before.tasks.get(event.caseId)!;
    return { of: 'task', from, to: event.status, reason: event.reason };
  }
  if (type === 'RefreshRequested')
    return { of: 'refresh', from: start, to: 'processing', reason: null };
  if (type === 'RefreshFinished')
    return { of: 'refresh', from: 'processing', to: event.status, reason: null };
  return undefined;
}
