import type { CreateReplay, ReplayState, ReplayView } from '@casewire/contracts';
import { z } from 'zod';

const Timestamp = z.string();

/**
 * How far a replay got. First it finds what is to be sent: places of deliveries, in the order in which they were to be
 * delivered. Then it puts them into its lanes, place by place. Then it waits for what becomes of them.
 */
export const Position = z.discriminatedUnion('phase', [
  z.object({
    phase: z.literal('find'),
    /** Behind which delivery it goes on looking. */
    after: z.object({ settledAt: Timestamp.optional(), deliveryId: z.string() }).nullable(),
    /** The last delivery that there was when the replay was asked for. */
    until: z.string(),
  }),
  z.object({ phase: z.literal('queue') }),
  z.object({ phase: z.literal('wait') }),
]);
export type Position = z.infer<typeof Position>;

export type ReplayKind = ReplayView['kind'];

export interface ReplayRow {
  id: string;
  organization_id: string;
  environment: string;
  endpoint_id: string | null;
  kind: ReplayKind;
  parameters: Record<string, string>;
  state: ReplayState;
  counts: Record<string, number> | null;
  created_at: Date;
  finished_at: Date | null;
}

export function replayView(row: ReplayRow): ReplayView {
  const of = (state: string) => row.counts?.[state] ?? 0;
  const progress = {
    pending: of('pending'),
    delivered: of('delivered'),
    // Given up, for either reason.
    exhausted: of('exhausted') + of('expired'),
    canceled: of('canceled'),
  };
  return {
    id: row.id,
    endpointId: row.endpoint_id,
    kind: row.kind,
    parameters: row.parameters,
    state: row.state,
    progress: { queued: Object.values(progress).reduce((sum, n) => sum + n, 0), ...progress },
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** What was asked for, as it is kept. */
export const parametersOf = (command: CreateReplay): Record<string, string> =>
  Object.fromEntries(Object.entries(command).filter(([name]) => name !== 'kind'));
