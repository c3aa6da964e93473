import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { OrderClient } from '@casewire/client';
import type { Approval, VerificationState } from '@casewire/contracts';

import { document, type Partner, type TestPlatform } from './test-platform.ts';

/** A request to the API of orders. */
export interface OrderRequest {
  /** The path after `/orders/v1/`. */
  path: string;
  method?: string;
  body?: unknown;
  idempotencyKey?: string;
}

export interface OrderResponse {
  status: number;
  body: unknown;
}

const templateOf = (approval: Approval) => ({
  title: 'An invoice',
  verifications: [
    {
      name: 'invoice',
      method: 'documents' as const,
      documentTypes: ['invoice' as const],
      approval,
    },
  ],
});

/** Orders of one partner, and requests that act on them. */
export class OrderTrial {
  readonly orders: OrderClient;

  private constructor(
    private readonly url: string,
    readonly partner: Partner,
  ) {
    this.orders = new OrderClient(url, partner.key);
  }

  /** A partner with the templates `invoice`, and `approved`, which needs an approval. */
  static async start(platform: TestPlatform): Promise<OrderTrial> {
    const trial = new OrderTrial(platform.url, await platform.partner());
    await trial.orders.createTemplate({ id: 'invoice', ...templateOf('none') });
    await trial.orders.createTemplate({ id: 'approved', ...templateOf('any') });
    return trial;
  }

  async send({
    path,
    method = 'POST',
    body,
    idempotencyKey,
  }: OrderRequest): Promise<OrderResponse> {
    const response = await fetch(`${this.url}/orders/v1/${path}`, {
      method,
      headers: {
        'x-api-key': this.partner.key,
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  async order(templateId: 'invoice' | 'approved' = 'invoice') {
    const { id: orderId, verifications } = await this.orders.create({ templateId });
    return { orderId, verificationId: verifications[0]!.id };
  }

  /** An order whose verification has a state after a case was submitted for it. */
  async orderAfterCase(state: Extract<VerificationState, 'completed' | 'action-required'>) {
    const { orderId, verificationId } = await this.order();
    const { name, bytes } = await document('invoice');
    const part = state === 'completed' ? 'verdict-verified' : 'extraction-fails';
    const files = [{ name: name.replace('.pdf', `.${part}.pdf`), bytes }];
    const { id: caseId } = await this.partner.client.submit({ files, verificationId });
    while ((await this.orders.verification(verificationId)).state !== state) await delay(50);
    return { orderId, verificationId, caseId };
  }

  /** Everything that the API shows the partner: templates with their versions, and orders. */
  async state(): Promise<unknown> {
    const { items } = await this.orders.orders({ limit: 100 });
    return {
      templates: await this.orders.templates({ limit: 100 }),
      orders: await Promise.all(items.map(({ id }) => this.orders.order(id))),
    };
  }
}

/** A body for a further version of a template. */
export const versionOf = (title: string) => ({ ...templateOf('none'), title });
export const newTemplate = (title: string) => ({ id: `t-${randomUUID()}`, ...versionOf(title) });
