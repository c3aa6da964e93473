import type { CaseResults, OrderView } from '@casewire/contracts';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Listener, RunningPlatform, TestPlatform } from '../test-platform.ts';
import {
  arrivedOnce,
  expectOneOrder,
  Integration,
  named,
  ofOrder,
  orderer,
  payloadsById,
  submitFor,
  type Orderer,
  type Templates,
} from './orders.ts';
import { bodyOf, headerOf } from './received.ts';
import {
  completion,
  completionOf,
  expectTruework,
  isCompletion,
  storyOf,
  timeOf,
} from './truework-request.ts';

const templates: Templates = {
  checks: [
    { name: 'income', method: 'documents', documentTypes: ['payslip', 'invoice'] },
    { name: 'assets', method: 'documents', documentTypes: ['bank_statement'] },
  ],
};

/** The results of a case, as the receiver read them while the platform waited for its answer. */
interface Fetched {
  orderId: string;
  results: CaseResults[];
  /** The receiver's time when it had read them. */
  at: number;
}

/** What happens to each order after its creation, and what Truework's integration then receives. */
const stories = {
  'both verifications completed': {
    story: ['income completed', 'assets completed', completion],
    status: 'completed',
  },
  'one completed, the other canceled': {
    story: ['income completed', 'assets canceled', completion],
    status: 'completed',
  },
  'both canceled': {
    story: ['income canceled', 'assets canceled', completion],
    status: 'canceled',
  },
  'one invalid at first, and canceled later': {
    story: ['income completed', 'assets invalid', 'assets canceled', completion],
    status: 'completed',
  },
} as const;
type Name = keyof typeof stories;

/** The completion of orders with two verifications, and what can be read when it is received. */
export function trueworkCompletionScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('the completion of orders for Truework', () => {
    let partner: Orderer;
    let truework: Integration;
    let casewire: Listener;
    const orders = new Map<Name, OrderView>();
    const fetched: Fetched[] = [];

    /** Resolves when the state of a verification was received. */
    const received = (order: OrderView, name: string, state: string) =>
      truework.until(
        ({ data }) =>
          data.verification_request_id === named(order, name).id && data.state === state,
      );
    const submit = (order: OrderView, name: string, kind: Parameters<typeof submitFor>[2]) =>
      submitFor(partner, named(order, name), kind);

    const causes: Record<Name, (order: OrderView) => Promise<unknown>> = {
      async 'both verifications completed'(order) {
        await submit(order, 'income', 'payslip');
        await received(order, 'income', 'completed');
        await submit(order, 'assets', 'bank_statement');
        await truework.until(
          ({ hook, data }) => hook.event === completion && data.order_id === order.id,
        );
        // A further success is a further report, and no second completion.
        await submit(order, 'income', 'invoice');
        await casewire.receiver.until(
          (requests) =>
            ofOrder(requests, order).filter(({ body }) => body.includes('reportId')).length === 3,
        );
      },
      async 'one completed, the other canceled'(order) {
        await submit(order, 'income', 'invoice');
        await received(order, 'income', 'completed');
        await partner.orders.cancelVerification(named(order, 'assets').id);
      },
      async 'both canceled'(order) {
        await partner.orders.cancelVerification(named(order, 'income').id);
        await partner.orders.cancelVerification(named(order, 'assets').id);
      },
      async 'one invalid at first, and canceled later'(order) {
        await submit(order, 'income', 'invoice');
        await received(order, 'income', 'completed');
        await submit(order, 'assets', 'bank_statement_overlay');
        await received(order, 'assets', 'invalid');
        await partner.orders.cancelVerification(named(order, 'assets').id);
      },
    };

    /** Reads the results over the links of a completed order, before it answers. */
    async function fetchResults({ order }: Integration['arrivals'][number]): Promise<void> {
      if (order?.completedAt == null) return;
      const { api } = partner.client;
      const read = order.reports.map(({ links }) => api.call<CaseResults>(links.results));
      fetched.push({ orderId: order.id, results: await Promise.all(read), at: Date.now() });
    }

    beforeAll(async () => {
      partner = await orderer(platform(), templates);
      casewire = await partner.listen({
        eventTypes: ['order.completed', 'order.status_updated', 'verification.state_changed'],
      });
      const listener = await partner.listen({ dialect: 'truework' });
      truework = new Integration(listener, partner.orders, fetchResults);
      const names = Object.keys(stories) as Name[];
      await Promise.all(
        names.map(async (name) => {
          const order = await partner.orders.create({ templateId: 'checks', metadata: { name } });
          orders.set(name, order);
          await causes[name](order);
        }),
      );
      const count = Object.values(stories).flatMap(({ story }) => ['', '', ...story]).length;
      await arrivedOnce(listener, count);
      // In addition a report for each of the five successes.
      await arrivedOnce(casewire, count + 5);
    }, 120_000);

    const requestsOf = (name: Name) =>
      ofOrder(truework.listener.receiver.requests, orders.get(name)!);
    const names = Object.keys(stories) as Name[];

    test.each(names)('TW-5 order.completed once, and not before: %s', (name) => {
      const order = orders.get(name)!;
      const requests = requestsOf(name);
      expectOneOrder(requests, timeOf);
      const first = ['income processing', 'assets processing'];
      expect(storyOf(order, requests)).toEqual([...first, ...stories[name].story]);
    });

    test.each(names)(
      'TW-2 order.completed has its fields, token and signature: %s',
      async (name) => {
        const order = orders.get(name)!;
        const request = requestsOf(name).find(isCompletion)!;
        const payloads = payloadsById(casewire.receiver.requests);
        const { occurredAt } = payloads.get(headerOf(request, 'webhook-id'))!;
        await expectTruework(request, truework.listener, completionOf(order), occurredAt as string);
        expect(await partner.orders.order(order.id)).toMatchObject({
          status: stories[name].status,
          completedAt: occurredAt,
        });
      },
    );

    test.each(names)(
      'TW-5 the completion names the state and the cases of each verification: %s',
      async (name) => {
        const { id, number } = orders.get(name)!;
        const [request, ...others] = casewire.receiver.requests.filter((one) => {
          const { eventName, payload } = bodyOf(one);
          return eventName === 'order.completed' && payload.orderId === id;
        });
        expect(others).toEqual([]);
        const view = await partner.orders.order(id);
        expect(bodyOf(request!).payload).toStrictEqual({
          orderId: id,
          orderNumber: number,
          userId: null,
          templateId: 'checks',
          templateVersion: 1,
          metadata: { name },
          occurredAt: view.completedAt,
          status: stories[name].status,
          results: view.verifications.map(({ id: verificationId, state, tasks }) => ({
            verificationId,
            state,
            // The case that was submitted after the completion is the second one.
            caseIds: tasks.slice(0, 1).map(({ caseId }) => caseId),
          })),
        });
      },
    );

    test('TW-6 the results of an order are read over its links while the receiver of order.completed has not answered yet', () => {
      const order = orders.get('both verifications completed')!;
      const request = requestsOf('both verifications completed').at(-1)!;
      const [{ results, at }] = fetched.filter(({ orderId }) => orderId === order.id) as [Fetched];
      expect(results).toMatchObject([
        {
          status: 'completed',
          result: 'succeeded',
          uploads: [{ documentType: 'payslip', assessment: { verdict: 'verified' } }],
        },
        {
          status: 'completed',
          result: 'succeeded',
          uploads: [{ documentType: 'bank_statement', assessment: { verdict: 'verified' } }],
        },
      ]);
      for (const { uploads } of results)
        expect(uploads[0]!.stages.extraction).toMatchObject({
          status: 'completed',
          result: expect.any(Object),
        });
      // The time that the dialect gives a receiver for its answer.
      expect(at - request.receivedAt).toBeLessThan(15_000);
    });
  });
}
