import type { Sealer } from '@casewire/auth';
import type { DeliveryView } from '@casewire/contracts';

import { callbackUrlSealContext } from '../../model/callback-destination.ts';
import type { DeliveryRow } from './delivery-log.query.ts';

/** A delivery as the API returns it to its tenant. */
export const deliveryView = (row: DeliveryRow, sealer: Pick<Sealer, 'open'>): DeliveryView => ({
  id: row.id,
  eventId: row.event_id,
  eventType: row.type,
  eventVersion: row.version,
  endpointId: row.endpoint_id,
  callbackUrl: callbackUrlOf(row, sealer),
  state: row.state,
  // A replay is not part of the order that a receiver checks.
  sequence: row.replay_job === '0' ? Number(row.seq) : null,
  replayId: row.replay_job === '0' ? null : row.replay_job,
  blocked: row.blocked,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
  occurredAt: row.occurred_at.toISOString(),
  createdAt: row.created_at.toISOString(),
  settledAt: row.settled_at?.toISOString() ?? null,
  lastStatus: row.last_status,
  lastError: row.last_error,
});

function callbackUrlOf(
  { callback_hash: hash, callback_url: sealed }: DeliveryRow,
  sealer: Pick<Sealer, 'open'>,
): string | null {
  if (hash === null || sealed === null) return null;
  return sealer.open(sealed, callbackUrlSealContext(hash)).toString();
}
