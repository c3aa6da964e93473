import { buffer } from 'node:stream/consumers';

import type { CaseResults, CaseView, OrderView } from '@casewire/contracts';
import { describe, expect, test } from 'vitest';

import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import {
  arrivedOnce,
  expectOneOrder,
  Integration,
  orderer,
  submitFor,
  type Orderer,
  type Templates,
} from './orders.ts';
import { bodyOf, sample } from './received.ts';
import {
  changeTo,
  completionOf,
  expectTruework,
  stateOf,
  timeOf,
  type TrueworkEvent,
} from './truework-request.ts';

const templates: Templates = {
  income: [{ name: 'income', method: 'outreach', documentTypes: ['invoice'] }],
};

/** What is given to a verification that requires more. */
const information = { employer_since: 2019, contact: 'payroll department' };

/** A partner with an integration for Truework's events. */
async function integration(
  platform: TestPlatform<RunningPlatform>,
  react?: (partner: Orderer) => ConstructorParameters<typeof Integration>[2],
): Promise<{ partner: Orderer; truework: Integration; order: OrderView; verificationId: string }> {
  const partner = await orderer(platform, templates);
  const listener = await partner.listen({ dialect: 'truework' });
  const truework = new Integration(listener, partner.orders, react?.(partner));
  const order = await partner.orders.create({
    templateId: 'income',
    user: { externalId: 'customer-7', name: 'Ana García' },
    metadata: { branch: 'north' },
  });
  return { partner, truework, order, verificationId: order.verifications[0]!.id };
}

/** Resolves to the verification and the reports as the integration read them when this state arrived for the last time. */
async function readAt(truework: Integration, state: string, count = 1) {
  const arrived = await truework.until(({ data }) => data.state === state, count);
  const { verifications, reports } = arrived.at(-1)!.order!;
  return { ...verifications[0]!, reports };
}

/** Checks that these events arrived, each with all fields, once, and in this order. */
async function expectEvents(truework: Integration, events: readonly TrueworkEvent[]) {
  const { listener, arrivals } = truework;
  const requests = await arrivedOnce(listener, events.length);
  expectOneOrder(requests, timeOf);
  expect(arrivals.map(({ request }) => request)).toEqual(requests);
  for (const [i, event] of events.entries())
    await expectTruework(requests[i]!, listener, event, timeOf(requests[i]!));
}

/** What an integration of Truework does when it receives a state, and what it can read then. */
export function trueworkAnswerScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('an integration of Truework', () => {
    test('TW-7 completed: a new report of the order can be read when the event arrives', async () => {
      const { partner, truework, order, verificationId } = await integration(platform());
      expect(await readAt(truework, 'processing')).toMatchObject({ reports: [] });
      const { id: caseId, uploads } = await submitFor(partner, { id: verificationId }, 'invoice');
      const { state, reason, reports } = await readAt(truework, 'completed');
      expect([state, reason]).toEqual(['completed', 'TASK_SUCCEEDED']);
      expect(reports).toMatchObject([{ verificationId, caseId }]);
      const results = await partner.client.api.call<CaseResults>(reports[0]!.links.results);
      expect(results).toMatchObject({
        caseId,
        uploads: [{ uploadId: uploads[0]!.id, assessment: { verdict: 'verified' } }],
      });
      await expectEvents(truework, [
        changeTo(order, verificationId, 'processing'),
        changeTo(order, verificationId, 'completed'),
        completionOf(order),
      ]);
    });

    test('TW-8 canceled: what the applicant gave can be read when the event arrives, information and documents', async () => {
      const { partner, truework, order, verificationId } = await integration(platform());
      const { client, orders } = partner;
      const { id: caseId, uploads } = await submitFor(partner, { id: verificationId }, 'letter');
      await readAt(truework, 'action-required');
      await orders.giveInformation(verificationId, information);
      await readAt(truework, 'processing', 2);
      await orders.cancelVerification(verificationId);
      const { state, information: given, tasks } = await readAt(truework, 'canceled');
      expect([state, given.map(({ data }) => data)]).toEqual(['canceled', [information]]);
      expect(tasks).toMatchObject([{ caseId, status: 'failed', reason: 'CASE_PARTIALLY_FAILED' }]);
      const view = await client.api.call<CaseView>(tasks[0]!.links.case);
      expect(view).toMatchObject({ id: caseId, uploads: [{ id: uploads[0]!.id }] });
      const { bytes } = await client.document(caseId, uploads[0]!.id);
      expect(await buffer(bytes)).toEqual(Buffer.from((await sample('letter')).bytes));
      await expectEvents(truework, [
        ...['processing', 'action-required', 'processing', 'canceled'].map((one) =>
          changeTo(order, verificationId, one),
        ),
        completionOf(order),
      ]);
    });

    requirementScenarios(platform);
  });
}

/** What follows from a verification that requires more information. */
export function requirementScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('TW-9 action-required: the order says what is required, and why, when the event arrives', async () => {
    const { partner, truework, order, verificationId } = await integration(platform());
    const { id: caseId } = await submitFor(partner, { id: verificationId }, 'letter');
    const required = await readAt(truework, 'action-required');
    expect(required).toMatchObject({
      state: 'action-required',
      reason: 'TASK_FAILED',
      allowed: ['submit_documents', 'give_information', 'cancel'],
      information: [],
      tasks: [{ caseId, status: 'failed', reason: 'CASE_PARTIALLY_FAILED' }],
    });
    await expectEvents(
      truework,
      ['processing', 'action-required'].map((one) => changeTo(order, verificationId, one)),
    );
  });

  test('TW-10 the information is given by API: the verification goes on, and no event contains the information', async () => {
    const { partner, truework, order, verificationId } = await integration(platform());
    await submitFor(partner, { id: verificationId }, 'letter');
    await readAt(truework, 'action-required');
    await partner.orders.giveInformation(verificationId, information);
    expect(await readAt(truework, 'processing', 2)).toMatchObject({
      state: 'processing',
      reason: 'INFORMATION_GIVEN',
      information: [{ data: information, givenBy: { type: 'api_key' } }],
    });
    await expectEvents(
      truework,
      ['processing', 'action-required', 'processing'].map((one) =>
        changeTo(order, verificationId, one),
      ),
    );
    for (const { body } of truework.listener.receiver.requests)
      expect(body.toString()).not.toMatch(/payroll|Ana|customer-7/);
  });

  test('TW-11 an integration cancels the order when it receives action-required', async () => {
    const { partner, truework, order, verificationId } = await integration(
      platform(),
      ({ orders }) =>
        async ({ request }) => {
          if (stateOf(request) === 'action-required')
            await orders.cancel(bodyOf(request).data.order_id as string);
        },
    );
    const { id: caseId } = await submitFor(partner, { id: verificationId }, 'letter');
    const canceled = await readAt(truework, 'canceled');
    expect(canceled).toMatchObject({ state: 'canceled', reason: 'ORDER_CANCELED', allowed: [] });
    await expectEvents(truework, [
      ...['processing', 'action-required', 'canceled'].map((one) =>
        changeTo(order, verificationId, one),
      ),
      completionOf(order),
    ]);
    const { status, verifications } = await partner.orders.order(order.id);
    expect(status).toBe('canceled');
    expect(verifications[0]!.tasks).toMatchObject([{ caseId, status: 'failed' }]);
  });
}
