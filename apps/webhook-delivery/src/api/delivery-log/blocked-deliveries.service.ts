import type { DeliveryView, UnblockDelivery } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

import type { LaneStore } from '../../model/lane-store.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';
import type { DeliveryLogService } from './delivery-log.service.ts';

/** Decides on deliveries that block their lanes. */
export class BlockedDeliveriesService {
  constructor(
    private readonly deliveries: Pick<DeliveryLogService, 'find'>,
    private readonly store: Pick<LaneStore, 'unblock'>,
    private readonly idempotent: IdempotentHandler,
    private readonly wake: () => void,
  ) {}

  /** Unblocks the lane of a delivery. @throws ApiError 404, or 409 if the delivery does not block its lane */
  unblock(
    tenant: Tenant,
    id: string,
    { decision }: UnblockDelivery,
    key: string | undefined,
  ): Promise<DeliveryView> {
    const request = { key, route: `deliveries/${id}/unblock`, body: decision };
    return this.idempotent.run(tenant, request, async () => {
      const { id: deliveryId } = await this.deliveries.find(tenant, id);
      if (!(await this.store.unblock({ deliveryId }, decision))) {
        throw new ApiError(
          409,
          'DELIVERY_NOT_BLOCKED',
          'this delivery is not at the head of a blocked lane',
        );
      }
      this.wake();
      return this.deliveries.find(tenant, id);
    });
  }
}
