import type { OrderView } from '@casewire/contracts';
import type { ReceivedRequest } from '@casewire/testing';
import { beforeAll, describe, expect, test } from 'vitest';

import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import { named, orderer, submitFor, type Templates } from './orders.ts';
import { bodyOf, headerOf } from './received.ts';
import { Journal, type Step } from './truv-journal.ts';
import { nameOf, statusUpdated, taskUpdated } from './truv-request.ts';

const templates: Templates = {
  checks: [
    { name: 'income', method: 'documents', documentTypes: ['invoice'] },
    { name: 'assets', method: 'documents', documentTypes: ['bank_statement'] },
  ],
};
const employer = { externalId: 'acme', name: 'Acme Ltd' };
const externalId = 'applicant-1';
const processing: Step = [taskUpdated, 'processing'];
const succeeded: Step = [taskUpdated, 'succeeded'];
const number = /^CW-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;

/** An order whose verifications succeed at last, of which one has an employer. */
async function succeed(journal: Journal): Promise<OrderView> {
  const { partner } = journal;
  const order = await journal.create({
    templateId: 'checks',
    user: { externalId: 'customer-7', name: 'Ana García' },
    verifications: [{ name: 'income', employer }],
  });
  const [income, assets] = [named(order, 'income'), named(order, 'assets')];
  const letter = await submitFor(partner, income, 'letter');
  await journal.expect(order, letter.id, processing, [taskUpdated, 'failed']);
  const first = await submitFor(partner, income, 'invoice');
  await journal.expect(order, first.id, processing, succeeded, [statusUpdated, 'processing']);
  const second = await submitFor(partner, assets, 'bank_statement');
  await journal.expect(order, second.id, processing, succeeded, [statusUpdated, 'completed']);

  // A further case of a verification that is completed waits for documents at first.
  const steered = 'review-verdict';
  const further = await submitFor(partner, income, 'invoice', { steered, externalId });
  await journal.expect(order, further.id, processing);
  const { items } = await partner.reviews.reviews({ caseId: further.id });
  await partner.reviews.resolve(items[0]!.id, { resolution: 'more_requested', comment: 'page 2' });
  await journal.expect(order, further.id, [taskUpdated, 'action_required']);
  await submitFor(partner, income, 'invoice', { externalId });
  await journal.expect(order, further.id, processing, succeeded, [statusUpdated, 'completed']);

  await partner.orders.refresh(order.id, { verificationIds: [assets.id] });
  await journal.expect(order, second.id, [taskUpdated, 'refreshing'], succeeded, [
    statusUpdated,
    'completed',
  ]);
  return order;
}

/** An order without a user, of which no case succeeds: one is canceled, and one is rejected. */
async function fail(journal: Journal): Promise<OrderView> {
  const { partner } = journal;
  const order = await journal.create({
    templateId: 'checks',
    verifications: [{ name: 'assets', employer }],
  });
  const [income, assets] = [named(order, 'income'), named(order, 'assets')];
  const slow = await submitFor(partner, income, 'invoice', { steered: 'slow-30' });
  await journal.expect(order, slow.id, processing);
  await partner.orders.cancelVerification(income.id);
  await journal.expect(order, slow.id, [taskUpdated, 'canceled']);
  const tampered = await submitFor(partner, assets, 'bank_statement_overlay');
  await journal.expect(order, tampered.id, processing, [taskUpdated, 'rejected']);
  return order;
}

/** Orders from their creation to their reports, as Truv's events. */
export function truvOrderScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('orders and tasks for Truv', () => {
    let journal: Journal;
    let canceled: OrderView;
    let failed: OrderView;
    let successful: OrderView;
    const all = () => [canceled, failed, successful];

    beforeAll(async () => {
      journal = await Journal.of(await orderer(platform(), templates));
      // An order whose status changes, but not by a task.
      canceled = await journal.create({ templateId: 'checks' });
      await journal.partner.orders.cancel(canceled.id);
      failed = await fail(journal);
      successful = await succeed(journal);
      await journal.end();
    }, 120_000);

    const withName = (name: string): ReceivedRequest[] =>
      journal.requests.filter((request) => nameOf(request) === name);
    const values = (requests: readonly ReceivedRequest[], field: string) =>
      requests.map((request) => bodyOf(request)[field] as string | null);

    test('TV-9 order-created is the first event of each order, before any other status', async () => {
      for (const order of all()) {
        const requests = await journal.check(order, 'order-created');
        expect(requests).toEqual(journal.requestsOf(order).slice(0, 1));
        expect(headerOf(requests[0]!, 'webhook-sequence')).toBe('1');
        expect(journal.payloadOf(requests[0]!).occurredAt).toBe(order.createdAt);
      }
    });

    test('TV-10 in order-created link_id, data_source and employer_id are null, also where the order names an employer', async () => {
      for (const order of all())
        for (const request of await journal.check(order, 'order-created'))
          expect(bodyOf(request)).toMatchObject({
            link_id: null,
            data_source: null,
            employer_id: null,
          });
      expect(successful.verifications[0]!.employerId).not.toBeNull();
    });

    test('TV-11 in order-created the status is pending', async () => {
      for (const order of all())
        expect(values(await journal.check(order, 'order-created'), 'status')).toEqual(['pending']);
    });

    test('TV-12 order_id is the id by which the order is read', async () => {
      for (const order of all()) {
        const ids = values(await journal.check(order, 'order-created'), 'order_id');
        const view = await journal.partner.orders.order(ids[0]!);
        expect([view.id, view.number]).toEqual([order.id, order.number]);
      }
      const updated = await journal.check(successful, 'order-status-updated');
      expect(new Set(values(updated, 'order_id'))).toEqual(new Set([successful.id]));
    });

    test('TV-13 order_number is readable, unique, and finds the order', async () => {
      const numbers = values(withName('order-created'), 'order_number') as string[];
      expect(numbers).toEqual(all().map((order) => order.number));
      expect(new Set(numbers).size).toBe(3);
      for (const [i, text] of numbers.entries()) {
        expect(text).toMatch(number);
        const { items } = await journal.partner.orders.orders({ number: text.toLowerCase() });
        expect(items.map(({ id }) => id)).toEqual([all()[i]!.id]);
      }
      const updated = await journal.check(successful, 'order-status-updated');
      expect(new Set(values(updated, 'order_number'))).toEqual(new Set([successful.number]));
    });

    test('TV-14 order-status-updated follows each task that changes the order, and no other change of its status', async () => {
      const updated = await journal.check(successful, 'order-status-updated');
      expect(withName('order-status-updated')).toEqual(updated);
      expect(values(updated, 'status')).toEqual([
        'processing',
        'completed',
        'completed',
        'completed',
      ]);
      const { status } = await journal.partner.orders.order(canceled.id);
      expect(status).toBe('canceled');
      expect(journal.requestsOf(canceled).map(nameOf)).toEqual(['order-created']);
    });

    test('TV-15 order-status-updated follows successful tasks only', async () => {
      for (const order of [failed, successful]) {
        await journal.check(order, 'order-status-updated');
        const requests = journal.requestsOf(order);
        const updates = requests.flatMap((request, i) =>
          nameOf(request) === 'order-status-updated' ? [[request, requests[i - 1]!] as const] : [],
        );
        const successes = requests.filter(
          (request) =>
            nameOf(request) === 'task-status-updated' && bodyOf(request).status === 'succeeded',
        );
        expect(updates.map(([, before]) => before)).toEqual(successes);
        for (const [update, before] of updates)
          expect(bodyOf(update).link_id).toBe(bodyOf(before).task_id);
      }
      expect(journal.requestsOf(failed).map(nameOf)).not.toContain('order-status-updated');
    });

    test('TV-16 employer_id is the employer of the verification, or null without one', async () => {
      const updated = await journal.check(successful, 'order-status-updated');
      const { employerId } = successful.verifications[0]!;
      expect(employerId).toMatch(/^[0-9a-f-]{36}$/);
      expect(values(updated, 'employer_id')).toEqual([employerId, null, employerId, null]);
    });

    test('TV-17 the status of order-status-updated is the one that the order has when the event arrives', async () => {
      const updated = await journal.check(successful, 'order-status-updated');
      const read = updated.map((request) => {
        const arrival = journal.truv.arrivals.find((one) => one.request === request)!;
        return arrival.order!.status;
      });
      expect(values(updated, 'status')).toEqual(read);
      expect(read).toContain('processing');
    });

    test('TV-18 task-status-updated follows every attempt, failures too; its tracking_info is the employer_id of the order', async () => {
      const tasks = await journal.check(successful, 'task-status-updated');
      const { employerId } = successful.verifications[0]!;
      const [income, assets] = [employerId, null].map((trackingInfo) =>
        values(
          tasks.filter((request) => bodyOf(request).tracking_info === trackingInfo),
          'status',
        ),
      );
      const further = ['processing', 'action_required', 'processing', 'succeeded'];
      expect(income).toEqual(['processing', 'failed', 'processing', 'succeeded', ...further]);
      expect(assets).toEqual(['processing', 'succeeded', 'refreshing', 'succeeded']);
      const updated = await journal.check(successful, 'order-status-updated');
      expect(values(updated, 'employer_id')).toContain(employerId);
      const others = await journal.check(failed, 'task-status-updated');
      expect(values(others, 'status')).toEqual([
        'processing',
        'canceled',
        'processing',
        'rejected',
      ]);
      // The same employer has the same id in every order.
      expect(values(others, 'tracking_info')).toEqual([null, null, employerId, employerId]);
    });

    test('TV-19 each further success, and each refresh, makes a report with an id of its own', async () => {
      const updated = await journal.check(successful, 'order-status-updated');
      const ids = updated.map((request) => journal.payloadOf(request).reportId as string);
      expect(new Set(ids).size).toBe(4);
      const { reports } = await journal.partner.orders.order(successful.id);
      expect(reports.map(({ id, taskId }) => [id, taskId])).toEqual(
        ids.map((id, i) => [id, bodyOf(updated[i]!).link_id]),
      );
      const readAt = journal.truv.of(({ event_type: name }) => name === 'order-status-updated');
      expect(readAt.map(({ order }) => order!.reports.map(({ id }) => id))).toEqual(
        ids.map((_, i) => ids.slice(0, i + 1)),
      );
      expect((await journal.partner.orders.order(failed.id)).reports).toEqual([]);
    });
  });
}
