import { setTimeout as delay } from 'node:timers/promises';

import { OrderClient, type PartnerClient } from '@casewire/client';
import type { OrderView, VerificationState } from '@casewire/contracts';

import { document } from '../e2e/test-platform.ts';
import type { CrashingPlatform } from './crashing-platform.ts';

/** Orders whose requests are sent again until they are accepted, whatever dies meanwhile. */
export class OrderStories {
  readonly orders: OrderClient;

  constructor(
    private readonly platform: CrashingPlatform,
    private readonly client: PartnerClient,
    key: string,
  ) {
    this.orders = new OrderClient(platform.url, key);
  }

  /** The template of `ordered`. */
  async createTemplate(): Promise<void> {
    await this.orders.createTemplate({
      id: 'invoice',
      title: 'An invoice',
      verifications: [{ name: 'invoice', method: 'documents', documentTypes: ['invoice'] }],
    });
  }

  /** An order of one verification, by an invoice. */
  async ordered() {
    const { id: orderId, verifications } = await this.send((key) =>
      this.orders.create({ templateId: 'invoice', user: { externalId: 'ana' } }, key),
    );
    return { orderId, verificationId: verifications[0]!.id };
  }

  /** Submits an invoice whose file name steers the sandbox. @returns the id of the case */
  async submit(verificationId: string, steering: string): Promise<string> {
    const { name, bytes } = await document('invoice');
    const files = [{ name: name.replace('.pdf', `.${steering}.pdf`), bytes }];
    const { id } = await this.send((key) =>
      // A service that was killed needs some seconds until it follows the topic again; until then it does not know new verifications.
      this.untilKnown(() => this.client.submit({ files, verificationId }, key)),
    );
    return id;
  }

  /** Orders, and submits a case that succeeds. @returns when the order is completed */
  async completed() {
    const { orderId, verificationId } = await this.ordered();
    const caseId = await this.submit(verificationId, 'verdict-verified');
    await this.untilState(verificationId, 'completed');
    return { orderId, verificationId, caseId };
  }

  /** Orders, and submits a case whose stages are slow. @returns when the case is a task */
  async waiting() {
    const { orderId, verificationId } = await this.ordered();
    const caseId = await this.submit(verificationId, 'slow-600');
    await this.untilOrder(orderId, ({ verifications: [one] }) => one!.tasks.length === 1);
    return { orderId, verificationId, caseId };
  }

  /** Refreshes an order. @returns when the refresh has ended */
  async refreshed(orderId: string): Promise<void> {
    await this.send((key) => this.orders.refresh(orderId, {}, key));
    await this.untilOrder(orderId, ({ refresh }) => refresh?.finishedAt !== null);
  }

  /** Deletes an order. Once it is deleted it does not exist, for a repeated request either. */
  async remove(orderId: string): Promise<void> {
    await this.send(() =>
      this.orders.remove(orderId).catch((error: { status?: number }) => {
        if (error.status !== 404) throw error;
      }),
    );
  }

  send<T>(request: (key: string) => Promise<T>): Promise<T> {
    return this.platform.untilAccepted(request);
  }

  async untilState(verificationId: string, state: VerificationState): Promise<void> {
    while ((await this.send(() => this.orders.verification(verificationId))).state !== state)
      await delay(100);
  }

  async untilOrder(orderId: string, condition: (order: OrderView) => boolean): Promise<OrderView> {
    for (;;) {
      const order = await this.send(() => this.orders.order(orderId));
      if (condition(order)) return order;
      await delay(100);
    }
  }

  private async untilKnown<T>(submit: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await submit();
      } catch (error) {
        if ((error as { status?: number }).status !== 404 || tries > 30) throw error;
        await delay(200);
      }
    }
  }
}
