import type { DeadLetterView } from '@casewire/contracts';

import type { DeadLetterRow } from '../../intake/dead-letters/dead-letter.ts';

/** A dead letter as the API returns it. */
export const deadLetterView = (row: DeadLetterRow): DeadLetterView => ({
  id: row.id,
  topic: row.topic,
  partition: row.partition,
  offset: row.record_offset,
  key: row.key?.toString() ?? null,
  headers: row.headers,
  value: row.value?.toString() ?? null,
  code: row.code,
  reason: row.reason,
  receivedAt: row.received_at.toISOString(),
  replayedAt: row.replayed_at?.toISOString() ?? null,
});
