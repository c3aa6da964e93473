import type { CreateReplay, DeliveryState } from '@casewire/contracts';
import { notFound, ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { Tenant } from '../../model/tenant.ts';
import type { NewReplay } from './replay.query.ts';
import { parametersOf } from './replay.ts';

/** A new replay, with its item if it is of a single delivery. */
export interface RequestedReplay {
  replay: NewReplay;
  item?: { laneId: string; seq: string; deliveryId: string };
}

/** The replay for a request. @throws ApiError 404, or 409 for a delivery that cannot be sent again */
export async function requestedReplay(
  client: PoolClient,
  tenant: Tenant,
  command: CreateReplay,
): Promise<RequestedReplay> {
  const { kind } = command;
  const parameters = parametersOf(command);
  if (kind === 'delivery') {
    const found = await resendable(client, tenant, command.deliveryId);
    return {
      replay: {
        tenant,
        endpointId: found.endpoint_id,
        kind,
        parameters,
        position: { phase: 'queue' },
      },
      item: { laneId: found.lane_id, seq: found.seq, deliveryId: command.deliveryId },
    };
  }
  const { endpointId } = command;
  const until = await lastDelivery(client, endpointId);
  const position = { phase: 'find', after: null, until } as const;
  return { replay: { tenant, endpointId, kind, parameters, position } };
}

interface ResendableRow {
  endpoint_id: string | null;
  lane_id: string;
  seq: string;
  state: DeliveryState;
  deleted: boolean;
  erased: boolean;
}

async function resendable(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  deliveryId: string,
): Promise<ResendableRow> {
  const { rows } = await client.query<ResendableRow>(
    `select t.endpoint_id, d.lane_id, d.seq, d.state, t.deleted, d.body is null or e.data is null as erased
     from delivery d join destination t on t.id = d.destination_id join event e on e.id = d.event_id
     where d.id = $3 and t.organization_id = $1 and t.environment = $2`,
    [organizationId, environment, deliveryId],
  );
  const [found] = rows;
  if (!found) throw notFound('delivery');
  if (found.state === 'pending')
    throw new ApiError(
      409,
      'DELIVERY_OPEN',
      'this delivery is still pending: it will be sent without a replay',
    );
  if (found.deleted) throw new ApiError(409, 'ENDPOINT_DELETED', 'its endpoint was deleted');
  if (found.erased) throw new ApiError(409, 'DELIVERY_ERASED', 'its data was erased');
  return found;
}

/** The newest delivery of an endpoint: later ones are not part of the replay. */
async function lastDelivery(client: PoolClient, endpointId: string): Promise<string> {
  const { rows } = await client.query<{ last: string }>(
    `select coalesce(max(d.id), 0) as last
     from destination t join lateral (
       select id from delivery where destination_id = t.id order by id desc limit 1) d on true
     where t.endpoint_id = $1`,
    [endpointId],
  );
  return rows[0]!.last;
}
