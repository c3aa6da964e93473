import type { DeliveryDetail, DeliveryView, PageQuery } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';
import { z } from 'zod';

import {
  attemptsOf,
  deliveryById,
  deliveryList,
  type DeliveryFilter,
  type Owner,
} from './delivery-log.query.ts';

const Position = z.string().regex(/^\d{1,18}$/);

export class DeliveryLogService {
  constructor(private readonly pool: Pool) {}

  async getAll(
    owner: Owner,
    { limit, cursor, ...filter }: PageQuery & DeliveryFilter,
  ): Promise<{ items: DeliveryView[]; next: string | null }> {
    const before = cursor === undefined ? null : decodeCursor(Position, cursor);
    const found = await deliveryList(this.pool, owner, filter, limit, before);
    return pageOf(
      found,
      limit,
      ({ id }) => id,
      (one) => one,
    );
  }

  async get(owner: Owner, id: string): Promise<DeliveryDetail> {
    const found = Position.safeParse(id).success
      ? await deliveryById(this.pool, owner, id)
      : undefined;
    if (!found) throw notFound('delivery');
    return { ...found, attemptLog: await attemptsOf(this.pool, id) };
  }
}
