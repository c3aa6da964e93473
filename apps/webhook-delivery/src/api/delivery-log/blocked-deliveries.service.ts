import type { DeliveryView, UnblockDelivery } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

import type { LaneStore } from '../../model/lane-store.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';
import type { DeliveryLogService } from './delivery-log.service.ts';

/** Decides on deliveries at which a lane waits for a person. */
export class BlockedDeliveriesService {
  constructor(
    private readonly deliveries: Pick<DeliveryLogService, 'find'>,
    private readonly lanes: Pick<LaneStore, 'unblock'>,
    private readonly once: IdempotentHandler,
    private readonly wake: () => void,
  ) {}

  /** @throws Refusal 404, or 409 where nothing waits for a decision */
  unblock(
    owner: Tenant,
    id: string,
    { decision }: UnblockDelivery,
    key: string | undefined,
  ): Promise<DeliveryView> {
    const asked = { key, route: `deliveries/${id}/unblock`, body: decision };
    return this.once.run(owner, asked, async () => {
      const { id: deliveryId } = await this.deliveries.find(owner, id);
      if (!(await this.lanes.unblock({ deliveryId }, decision))) {
        throw new ApiError(
          409,
          'DELIVERY_NOT_BLOCKED',
          'this delivery is not at the head of a lane that waits for a decision',
        );
      }
      this.wake();
      return this.deliveries.find(owner, id);
    });
  }
}
