import type { OrderView, VerificationState } from '@casewire/contracts';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Listener, RunningPlatform, TestPlatform } from '../test-platform.ts';
import {
  arrivedOnce,
  expectOneOrder,
  Integration,
  ofOrder,
  orderer,
  payloadsById,
  type Orderer,
} from './orders.ts';
import { bodyOf, headerOf } from './received.ts';
import { courses, templates, type Course } from './truework-courses.ts';
import {
  changeTo,
  completionOf,
  expectTruework,
  isCompletion,
  stateOf,
  timeOf,
  type TrueworkEvent,
} from './truework-request.ts';

/** Every transition of a verification that there is: from the first column to the second. */
const table = [
  [null, 'pending-approval'],
  [null, 'processing'],
  ['pending-approval', 'processing'],
  ['pending-approval', 'canceled'],
  ['processing', 'action-required'],
  ['processing', 'completed'],
  ['processing', 'invalid'],
  ['processing', 'canceled'],
  ['action-required', 'processing'],
  ['action-required', 'completed'],
  ['action-required', 'invalid'],
  ['action-required', 'canceled'],
  ['completed', 'invalid'],
  ['invalid', 'canceled'],
] as const;

const metadata = { branch: 'north', priority: 1 };

/** The states of an order with one verification that is closed in them, in which Truework says that the order is completed. */
const completing: ReadonlySet<VerificationState> = new Set(['completed', 'canceled']);

/** Each transition of a verification by its real cause, as Truework's event and as Casewire's. */
export function trueworkStateScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('the states of verifications for Truework', () => {
    let partner: Orderer;
    let truework: Integration;
    let casewire: Listener;
    const orders = new Map<string, OrderView>();

    /** Orders, follows the verification through its states, and fails where one is missing or another one comes. */
    async function run(name: string, { template, run: cause, states }: Course): Promise<void> {
      const order = await partner.orders.create({ templateId: template, metadata });
      orders.set(name, order);
      const verificationId = order.verifications[0]!.id;
      let count = 0;
      const next = async (state: VerificationState) => {
        const arrived = await truework.until(
          ({ data }) => data.verification_request_id === verificationId,
          ++count,
        );
        expect(stateOf(arrived[count - 1]!.request)).toBe(state);
      };
      await next(states[0]![0]);
      await cause({ orderer: partner, order, verificationId, next });
      expect(count).toBe(states.length);
    }

    /** The events of an order with one verification: its states, and the completion after the first that completes the order. */
    function expected({ states }: Course, order: OrderView) {
      const events: TrueworkEvent[] = states.map(([state]) =>
        changeTo(order, order.verifications[0]!.id, state),
      );
      const completed = states.findIndex(([state]) => completing.has(state));
      return completed < 0 ? events : events.toSpliced(completed + 1, 0, completionOf(order));
    }

    beforeAll(async () => {
      partner = await orderer(platform(), templates);
      truework = new Integration(await partner.listen({ dialect: 'truework' }), partner.orders);
      casewire = await partner.listen({
        eventTypes: ['verification.state_changed', 'order.completed'],
      });
      await Promise.all(Object.entries(courses).map(([name, course]) => run(name, course)));
      const count = Object.entries(courses).flatMap(([name, course]) =>
        expected(course, orders.get(name)!),
      ).length;
      await arrivedOnce(truework.listener, count);
      await arrivedOnce(casewire, count);
    }, 120_000);

    test.each(Object.entries(courses))(
      'TW-3 verification_request.state.change, each once and in order: %s',
      async (name, course) => {
        const order = orders.get(name)!;
        const { listener } = truework;
        const requests = ofOrder(listener.receiver.requests, order);
        const events = expected(course, order);
        expect(requests).toHaveLength(events.length);
        expectOneOrder(requests, timeOf);
        const payloads = payloadsById(casewire.receiver.requests);
        for (const [i, event] of events.entries()) {
          const { occurredAt } = payloads.get(headerOf(requests[i]!, 'webhook-id'))!;
          await expectTruework(requests[i]!, listener, event, occurredAt as string);
        }
      },
    );

    test.each(Object.entries(courses))(
      'TW-4 each transition with the state before and the reason: %s',
      (name, { states }) => {
        const order = orders.get(name)!;
        const { id: verificationId, method } = order.verifications[0]!;
        const requests = ofOrder(casewire.receiver.requests, order);
        const changes = requests
          .map(bodyOf)
          .filter(({ eventName }) => eventName === 'verification.state_changed');
        expect(changes).toStrictEqual(
          states.map(([state, reason], i) => ({
            eventName: 'verification.state_changed',
            payload: {
              orderId: order.id,
              orderNumber: order.number,
              userId: null,
              templateId: order.templateId,
              templateVersion: 1,
              metadata,
              occurredAt: expect.any(String) as string,
              verificationId,
              method,
              state,
              previousState: i === 0 ? null : states[i - 1]![0],
              reason,
            },
          })),
        );
        expectOneOrder(requests, (request) => bodyOf(request).payload.occurredAt as string);
      },
    );

    test('TW-4 every transition of the table is published', () => {
      const published = casewire.receiver.requests
        .map((request) => bodyOf(request))
        .filter(({ eventName }) => eventName === 'verification.state_changed')
        .map(({ payload }) => `${payload.previousState} -> ${payload.state}`);
      expect([...new Set(published)].toSorted()).toEqual(
        table.map(([from, to]) => `${from} -> ${to}`).toSorted(),
      );
    });

    test('TW-4 the verification has the state of an event, or a later one, when the event arrives', () => {
      const changes = truework.arrivals.filter(({ request }) => !isCompletion(request));
      const read = changes.map(({ request, order }) => {
        const { state, changedAt } = order!.verifications[0]!;
        expect(Date.parse(changedAt)).toBeGreaterThanOrEqual(Date.parse(timeOf(request)));
        return { isSame: changedAt === timeOf(request), states: [stateOf(request), state] };
      });
      const same = read.filter(({ isSame }) => isSame).map(({ states }) => states);
      expect(same).toEqual(same.map(([state]) => [state, state]));
      // In two courses the next state follows without a further cause, perhaps before the integration has read the order.
      expect(read.length - same.length).toBeLessThanOrEqual(2);
    });
  });
}
