import { OrderClient } from '@casewire/client';
import { expect, test } from 'vitest';

import {
  document,
  eventOf,
  type Partner,
  type RunningPlatform,
  type TestPlatform,
} from '../test-platform.ts';

const patience = { timeout: 30_000 };

/** Orders and their cases: both hops between the services, and the deletion over both. */
export function orderScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('an order is completed by a case that is submitted directly after the order, and is deleted with it', async () => {
    const partner = await platform().partner();
    const orders = await ordersOf(partner);
    const listener = await partner.listen({
      eventTypes: ['order.created', 'order.status_updated', 'order.completed'],
    });
    const { id, verifications } = await orders.create({ templateId: 'invoice' });
    const { id: caseId } = await submit(partner, verifications[0]!.id, 'verdict-verified');
    await listener.receiver.until((requests) => requests.length === 3);
    expect(listener.receiver.requests.map((request) => eventOf(request).eventName)).toEqual([
      'order.created',
      'order.status_updated',
      'order.completed',
    ]);
    expect(await orders.order(id)).toMatchObject({ status: 'completed', reports: [{ caseId }] });
    await orders.remove(id);
    const statusOfCase = () =>
      partner.client.case(caseId).then(
        () => 200,
        ({ status }: { status: number }) => status,
      );
    await expect.poll(statusOfCase, patience).toBe(404);
  });

  test('the cases of a canceled order are canceled', async () => {
    const partner = await platform().partner();
    const orders = await ordersOf(partner);
    const { id, verifications } = await orders.create({ templateId: 'invoice' });
    const { id: caseId } = await submit(partner, verifications[0]!.id, 'slow-600');
    await orders.cancel(id);
    await expect
      .poll(async () => (await partner.client.case(caseId)).status, patience)
      .toBe('canceled');
    await expect(submit(partner, verifications[0]!.id, 'slow-600')).rejects.toMatchObject({
      problem: { code: 'VERIFICATION_CLOSED' },
    });
  });

  async function ordersOf({ key }: Partner): Promise<OrderClient> {
    const orders = new OrderClient(platform().url, key);
    await orders.createTemplate({
      id: 'invoice',
      title: 'An invoice',
      verifications: [{ name: 'invoice', method: 'documents', documentTypes: ['invoice'] }],
    });
    return orders;
  }
}

/** Submits an invoice whose file name steers the sandbox. */
async function submit({ client }: Partner, verificationId: string, steering: string) {
  const { name, bytes } = await document('invoice');
  const files = [{ name: name.replace('.pdf', `.${steering}.pdf`), bytes }];
  return client.submit({ files, verificationId });
}
