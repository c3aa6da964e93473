import type { CreateReplay, ReplayState, ReplayView } from '@casewire/contracts';
import { z } from 'zod';

const Timestamp = z.string();

/**
 * The progress of a replay. First it finds the deliveries to send again, as positions in their original lanes. Then it puts
 * them into its own lanes, in the order of those positions. Then it waits until they are settled.
 */
export const Position = z.discriminatedUnion('phase', [
  z.object({
    phase: z.literal('find'),
    /** The search continues after this delivery. */
    after: z.object({ settledAt: Timestamp.optional(), deliveryId: z.string() }).nullable(),
    /** The last delivery that existed when the replay was requested. */
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
    // Given up, for either of the two reasons.
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

/** The parameters of the request, as they are stored. */
export const parametersOf = (command: CreateReplay): Record<string, string> =>
  Object.fromEntries(Object.entries(command).filter(([name]) => name !== 'kind'));
