import type { Sealer } from '@casewire/auth';
import { RowId, type DeliveryDetail, type DeliveryView, type PageQuery } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';

import type { Tenant } from '../../model/tenant.ts';
import {
  attemptsOf,
  deliveryById,
  deliveryList,
  type DeliveryFilter,
} from './delivery-log.query.ts';
import { deliveryView } from './delivery-view.ts';

export class DeliveryLogService {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Pick<Sealer, 'open'>,
  ) {}

  async getAll(
    tenant: Tenant,
    { limit, cursor, ...filter }: PageQuery & DeliveryFilter,
  ): Promise<{ items: DeliveryView[]; next: string | null }> {
    const before = cursor === undefined ? null : decodeCursor(RowId, cursor);
    const found = await deliveryList(this.pool, tenant, filter, limit, before);
    return pageOf(
      found,
      limit,
      ({ id }) => id,
      (row) => deliveryView(row, this.sealer),
    );
  }

  /** @throws ApiError 404 */
  async find(tenant: Tenant, id: string): Promise<DeliveryView> {
    const found = RowId.safeParse(id).success
      ? await deliveryById(this.pool, tenant, id)
      : undefined;
    if (!found) throw notFound('delivery');
    return deliveryView(found, this.sealer);
  }

  /** @throws ApiError 404 */
  async get(tenant: Tenant, id: string): Promise<DeliveryDetail> {
    const found = await this.find(tenant, id);
    return { ...found, attemptLog: await attemptsOf(this.pool, found.id) };
  }
}
