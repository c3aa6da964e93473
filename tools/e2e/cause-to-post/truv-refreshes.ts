import type { OrderView } from '@casewire/contracts';
import { beforeAll, describe, expect, test } from 'vitest';

import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import { orderer, submitFor, type Templates } from './orders.ts';
import { bodyOf } from './received.ts';
import { Journal } from './truv-journal.ts';
import { nameOf, refreshFailed, statusUpdated, taskUpdated } from './truv-request.ts';

const templates: Templates = {
  income: [{ name: 'income', method: 'documents', documentTypes: ['invoice'] }],
};

/** Refreshes of two orders about one user that fail: of one with an employer, and of one without. */
export function truvRefreshScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('refreshes for Truv', () => {
    let journal: Journal;
    const orders: OrderView[] = [];
    /** Each order before its refresh. */
    const before: OrderView[] = [];

    beforeAll(async () => {
      journal = await Journal.of(await orderer(platform(), templates));
      const { partner } = journal;
      for (const verifications of [
        [{ name: 'income', employer: { externalId: 'acme' } }],
        [],
      ] as const) {
        const order = await journal.create({
          templateId: 'income',
          user: { externalId: 'customer-7' },
          verifications: [...verifications],
        });
        orders.push(order);
        const income = order.verifications[0]!;
        const { id } = await submitFor(partner, income, 'invoice', { steered: 'refresh-fails' });
        await journal.expect(
          order,
          id,
          [taskUpdated, 'processing'],
          [taskUpdated, 'succeeded'],
          [statusUpdated, 'completed'],
        );
        before.push(await partner.orders.order(order.id));
      }
      for (const { id } of orders) {
        const { verifications } = await partner.orders.refresh(id);
        await journal.expect(
          { id },
          verifications[0]!.tasks[0]!.caseId,
          [taskUpdated, 'refreshing'],
          [taskUpdated, 'refresh_failed'],
          [refreshFailed, 'SIMULATED_FAILURE'],
        );
      }
      await journal.end();
    }, 120_000);

    test('TV-20 order-refresh-failed follows a refresh that fails, once, and the results before stay', async () => {
      for (const [i, order] of orders.entries()) {
        const requests = await journal.check(order, 'order-refresh-failed');
        expect(requests).toHaveLength(1);
        expect(journal.requestsOf(order).map(nameOf).at(-1)).toBe('order-refresh-failed');
        const view = await journal.partner.orders.order(order.id);
        expect(view.refresh).toMatchObject({ status: 'failed' });
        expect([view.status, view.reports]).toEqual(['completed', before[i]!.reports]);
      }
    });

    test('TV-21 order-refresh-failed is sent for each order, with the fields of its order', async () => {
      for (const { id, number, templateId, userId } of orders) {
        const [request] = await journal.check({ id }, 'order-refresh-failed');
        expect(bodyOf(request!)).toMatchObject({
          order_id: id,
          order_number: number,
          template_id: templateId,
          user_id: userId,
        });
      }
      expect(orders[0]!.id).not.toBe(orders[1]!.id);
      expect(orders[0]!.userId).toBe(orders[1]!.userId);
      expect(orders[0]!.userId).not.toBeNull();
    });

    test('TV-22 the status of order-refresh-failed is that of the failure; its employer_id may be null', async () => {
      const failures = [];
      for (const order of orders)
        failures.push(...(await journal.check(order, 'order-refresh-failed')).map(bodyOf));
      expect(failures.map(({ status }) => status as string)).toEqual([
        'SIMULATED_FAILURE',
        'SIMULATED_FAILURE',
      ]);
      const { employerId } = orders[0]!.verifications[0]!;
      expect(employerId).not.toBeNull();
      expect(failures.map(({ employer_id: id }) => id as string | null)).toEqual([
        employerId,
        null,
      ]);
    });
  });
}
