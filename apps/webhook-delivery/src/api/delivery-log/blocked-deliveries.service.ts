import type { DeliveryView, ReleaseHeld } from '@casewire/contracts';
import { Refusal } from '@casewire/service';

import type { LaneStore } from '../../model/lane-store.ts';
import type { Once } from '../idempotent-handler.ts';
import type { Owner } from './delivery-log.query.ts';
import type { DeliveryLogService } from './delivery-log.service.ts';

/** Decides on deliveries at which a lane waits for a person. */
export class HeldDeliveriesService {
  constructor(
    private readonly deliveries: Pick<DeliveryLogService, 'find'>,
    private readonly lanes: Pick<LaneStore, 'releaseHeld'>,
    private readonly once: Once,
    private readonly wake: () => void,
  ) {}

  /** @throws Refusal 404, or 409 where nothing waits for a decision */
  release(
    owner: Owner,
    id: string,
    { decision }: ReleaseHeld,
    key: string | undefined,
  ): Promise<DeliveryView> {
    const asked = { key, route: `deliveries/${id}/release`, body: decision };
    return this.once.run(owner, asked, async () => {
      const { id: deliveryId } = await this.deliveries.find(owner, id);
      if (!(await this.lanes.releaseHeld({ deliveryId }, decision))) {
        throw new Refusal(
          409,
          'DELIVERY_NOT_HELD',
          'this delivery is not at the head of a lane that waits for a decision',
        );
      }
      this.wake();
      return this.deliveries.find(owner, id);
    });
  }
}
