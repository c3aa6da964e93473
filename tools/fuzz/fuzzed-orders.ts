import { setTimeout as delay } from 'node:timers/promises';

import { OrderClient, PartnerClient, type SubmittedFile } from '@casewire/client';
import type {
  Approval,
  OrderView,
  VerificationMethod,
  VerificationView,
} from '@casewire/contracts';

/** One order for each state that a request needs, of templates of the organization. */
export interface FuzzedOrders {
  /** With a completed verification: its case, and a report. */
  completed: OrderView;
  /** The same, to be refreshed. */
  toRefresh: OrderView;
  /** A verification waits for information. */
  actionRequired: OrderView;
  /** A verification waits for its approval. */
  toApprove: OrderView;
  toRefuse: OrderView;
  /** A verification is under way. */
  toCancel: OrderView;
  toCancelVerification: OrderView;
  toDelete: OrderView;
}

/** How often an order is read until it has the state, and for how long. */
const pollMs = 200;
const patienceMs = 60_000;

export class OrderNotReady extends Error {
  readonly code = 'ORDER_NOT_READY';
}

/**
 * Creates the orders of one organization, and brings each to its state.
 * @param document an invoice
 * @param name of new templates, a part of their ids: not used before
 * @throws OrderNotReady, or what the client throws
 */
export async function createOrders(
  url: string,
  key: string,
  document: SubmittedFile,
  name: string,
): Promise<FuzzedOrders> {
  const maker = new OrderMaker(new OrderClient(url, key), new PartnerClient(url, key), document);
  const open = await maker.template(`${name}-open`, 'none');
  const approved = await maker.template(`${name}-approved`, 'any');
  const [completed, toRefresh, actionRequired] = await Promise.all([
    maker.submitted(open, 'verdict-verified', 'completed'),
    maker.submitted(open, 'verdict-verified', 'completed'),
    maker.submitted(open, 'extraction-fails', 'action-required'),
  ]);
  return {
    completed,
    toRefresh,
    actionRequired,
    toApprove: await maker.order(approved),
    toRefuse: await maker.order(approved),
    toCancel: await maker.order(open),
    toCancelVerification: await maker.order(open),
    toDelete: await maker.order(open),
  };
}

class OrderMaker {
  constructor(
    private readonly orders: OrderClient,
    private readonly partner: PartnerClient,
    private readonly document: SubmittedFile,
  ) {}

  async template(id: string, approval: Approval): Promise<string> {
    const method: VerificationMethod = 'documents';
    const verification = {
      name: 'spending',
      method,
      documentTypes: ['invoice' as const],
      approval,
    };
    const template = { id, title: 'Spending', verifications: [verification] };
    return (await this.orders.createTemplate(template)).id;
  }

  order(templateId: string): Promise<OrderView> {
    const user = { externalId: 'user-1', name: 'Ana García' };
    const verifications = [{ name: 'spending', employer: { externalId: 'shop-1' } }];
    return this.orders.create({ templateId, user, verifications, metadata: { desk: 7 } });
  }

  /** @param part of the file's name, which steers the sandbox */
  async submitted(
    templateId: string,
    part: string,
    state: VerificationView['state'],
  ): Promise<OrderView> {
    const { id, verifications } = await this.order(templateId);
    await this.partner.submit({
      files: [{ ...this.document, name: `${part}.${this.document.name}` }],
      features: ['extraction', 'forensics'],
      verificationId: verifications[0]!.id,
    });
    const end = performance.now() + patienceMs;
    for (;;) {
      const order = await this.orders.order(id);
      const actual = order.verifications[0]!.state;
      if (actual === state) return order;
      if (performance.now() > end)
        throw new OrderNotReady(`the verification of ${id} is ${actual}, not ${state}`);
      await delay(pollMs);
    }
  }
}
