import { RowId, type CreateReplay, type PageQuery, type ReplayView } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf, ApiError } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { LaneStore } from '../../model/lane-store.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { TenantEndpoints } from '../../registry/tenant-endpoints.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';
import { checkReplay } from './replay-rules.ts';
import { closeReplay, insertReplay, replayById, replayList } from './replay.query.ts';
import { replayView } from './replay.ts';
import { requestedReplay } from './requested-replay.ts';

export interface ReplaysOptions {
  pool: Pool;
  endpoints: TenantEndpoints;
  store: Pick<LaneStore, 'cancelReplay'>;
  idempotent: IdempotentHandler;
  /** Wakes the runner: a replay was created. */
  wake: () => void;
}

/** Replays: stored events are sent again, in lanes of their own. */
export class ReplaysService {
  constructor(private readonly options: ReplaysOptions) {}

  /** @throws ApiError 400, 404 for another tenant's endpoint or delivery, 409 for a delivery that cannot be sent again */
  async create(
    tenant: Tenant,
    command: CreateReplay,
    key: string | undefined,
  ): Promise<ReplayView> {
    const { endpoints, idempotent, wake } = this.options;
    checkReplay(command);
    const created = await idempotent.run(
      tenant,
      { key, route: 'replays', body: command },
      async (client) => {
        if (command.kind !== 'delivery') await endpoints.find(tenant, command.endpointId);
        return view(client, tenant, await this.insert(client, tenant, command));
      },
    );
    wake();
    return created;
  }

  async getAll(
    tenant: Tenant,
    { limit, cursor }: PageQuery,
  ): Promise<{ items: ReplayView[]; next: string | null }> {
    const before = cursor === undefined ? null : decodeCursor(RowId, cursor);
    const found = await replayList(this.options.pool, tenant, limit, before);
    return pageOf(found, limit, ({ id }) => id, replayView);
  }

  /** @throws ApiError 404 */
  get(tenant: Tenant, id: string): Promise<ReplayView> {
    return view(this.options.pool, tenant, id);
  }

  /**
   * Cancels a replay and its open deliveries. The result of an attempt in progress changes nothing any more.
   * @throws ApiError 404, or 409 if the replay has ended
   */
  cancel(tenant: Tenant, id: string, key: string | undefined): Promise<ReplayView> {
    const { store, idempotent } = this.options;
    return idempotent.run(tenant, { key, route: `replays/${id}/cancel` }, async (client) => {
      const { id: job, state } = await view(client, tenant, id);
      if (state === 'canceled') return view(client, tenant, job);
      if (state !== 'running')
        throw new ApiError(
          409,
          'REPLAY_ENDED',
          `this replay is ${state}: it has no open deliveries`,
        );
      await store.cancelReplay(job);
      await closeReplay(client, job, 'canceled');
      return view(client, tenant, job);
    });
  }

  private async insert(client: PoolClient, tenant: Tenant, command: CreateReplay): Promise<string> {
    const { replay, item } = await requestedReplay(client, tenant, command);
    const id = await insertReplay(client, replay);
    if (item) {
      await client.query(
        'insert into replay_item (job, lane_id, seq, delivery_id) values ($1, $2, $3, $4)',
        [id, item.laneId, item.seq, item.deliveryId],
      );
    }
    return id;
  }
}

async function view(db: Pool | PoolClient, tenant: Tenant, id: string): Promise<ReplayView> {
  const found = RowId.safeParse(id).success ? await replayById(db, tenant, id) : undefined;
  if (!found) throw notFound('replay');
  return replayView(found);
}
