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
  lanes: Pick<LaneStore, 'cancelReplay'>;
  once: IdempotentHandler;
  /** Tells the runner that a replay was asked for. */
  wake: () => void;
}

/** Replays: what was sent once is sent again, in lanes of its own. */
export class ReplaysService {
  constructor(private readonly options: ReplaysOptions) {}

  /** @throws Refusal 400, 404 for what is somebody else's, 409 for a delivery that is still open */
  async create(owner: Tenant, command: CreateReplay, key: string | undefined): Promise<ReplayView> {
    const { endpoints, once, wake } = this.options;
    checkReplay(command);
    const created = await once.run(
      owner,
      { key, route: 'replays', body: command },
      async (client) => {
        if (command.kind !== 'delivery') await endpoints.find(owner, command.endpointId);
        return view(client, owner, await this.insert(client, owner, command));
      },
    );
    wake();
    return created;
  }

  async getAll(
    owner: Tenant,
    { limit, cursor }: PageQuery,
  ): Promise<{ items: ReplayView[]; next: string | null }> {
    const before = cursor === undefined ? null : decodeCursor(RowId, cursor);
    const found = await replayList(this.options.pool, owner, limit, before);
    return pageOf(found, limit, ({ id }) => id, replayView);
  }

  /** @throws Refusal 404 */
  get(owner: Tenant, id: string): Promise<ReplayView> {
    return view(this.options.pool, owner, id);
  }

  /** What is open of it is canceled; an answer under way changes nothing. @throws Refusal 404, or 409 where it is over */
  cancel(owner: Tenant, id: string, key: string | undefined): Promise<ReplayView> {
    const { lanes, once } = this.options;
    return once.run(owner, { key, route: `replays/${id}/cancel` }, async (client) => {
      const { id: job, state } = await view(client, owner, id);
      if (state === 'canceled') return view(client, owner, job);
      if (state !== 'running')
        throw new ApiError(409, 'REPLAY_OVER', `this replay is ${state}: nothing of it is open`);
      await lanes.cancelReplay(job);
      await closeReplay(client, job, 'canceled');
      return view(client, owner, job);
    });
  }

  private async insert(client: PoolClient, owner: Tenant, command: CreateReplay): Promise<string> {
    const { replay, item } = await requestedReplay(client, owner, command);
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

async function view(db: Pool | PoolClient, owner: Tenant, id: string): Promise<ReplayView> {
  const found = RowId.safeParse(id).success ? await replayById(db, owner, id) : undefined;
  if (!found) throw notFound('replay');
  return replayView(found);
}
