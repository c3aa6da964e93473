import { actorOf, type Principal } from '@casewire/auth';
import { inTransaction } from '@casewire/service';
import { crashPoint } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { Wakeable } from '../actions/order-actions.ts';
import { lockOrder } from '../reading/find-order.ts';
import { eraseOrder } from './erase-order.ts';

export class ErasureService {
  constructor(
    private readonly pool: Pool,
    private readonly relay: Wakeable,
    private readonly now: () => Date,
  ) {}

  /** Deletes an order: its personal data with the commit; its cases are deleted by commands that follow. @throws ApiError 404 */
  async remove(principal: Principal, orderId: string): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      await lockOrder(client, principal, orderId);
      await eraseOrder(client, orderId, { by: actorOf(principal), now: this.now() });
    });
    crashPoint('orders.order-erased');
    this.relay.wake();
  }
}
