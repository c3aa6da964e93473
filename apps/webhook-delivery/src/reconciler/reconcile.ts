import type { Client, PoolClient } from 'pg';

import { deliveryStatusSql } from './delivery-status.sql.ts';

const terminalStates = ['delivered', 'exhausted', 'canceled', 'expired'] as const;
/** The statuses of an open delivery: its lane is due, leased, waiting or blocked, or its endpoint is closed (disabled or suspended). */
const openStatuses = ['due', 'leased', 'waiting', 'blocked', 'closed'] as const;
export const deliveryStatuses = [...terminalStates, ...openStatuses, 'lost'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** A delivery without a terminal state; or an event that has not as many deliveries as it was matched to. */
export interface UnsettledDelivery {
  eventId: string;
  /** Null if the delivery itself is missing. */
  deliveryId: string | null;
  /** Null for a callback URL, and if the delivery is missing. */
  endpointId: string | null;
  destinationId: string | null;
  /** Whether it belongs to a replay; else it is the event's own delivery. */
  replayed: boolean;
  status: Exclude<DeliveryStatus, (typeof terminalStates)[number]>;
  /** Why it can never be settled; null if it still can. */
  reason: string | null;
}

export type Counts = Record<DeliveryStatus, number>;

export interface Reconciliation {
  since: Date;
  /** The moment of the snapshot. */
  asOf: Date;
  /** How many events were ingested since then. */
  events: number;
  /** The number of destinations that they were matched to, in total. */
  matched: number;
  /** The events' own deliveries, by status. */
  live: Counts;
  /** The deliveries of replays of these events, by status. */
  replayed: Counts;
}

export interface ReconcileOptions {
  /** Only events that were ingested since this moment. */
  since: Date;
  organizationId?: string | undefined;
  /** Called for everything that is open or lost, as it is found. */
  onUnsettled?: (delivery: UnsettledDelivery) => void;
  /** How many rows are in memory at the same time. */
  pageSize?: number;
}

interface StatusRow {
  event_id: string;
  delivery_id: string | null;
  endpoint_id: string | null;
  destination_id: string | null;
  replayed: boolean;
  status: DeliveryStatus;
  reason: string | null;
  missing: number;
}

/**
 * Reconciles events with deliveries: for every event since a moment, and every destination that it was matched to when it
 * was ingested, reports whether the delivery is settled, open, or can never be settled. Reads one snapshot, page by page, in
 * a read-only transaction.
 * @param client a connection without an open transaction
 * @returns the totals; single deliveries go to `onUnsettled`
 */
export async function reconcile(
  client: Client | PoolClient,
  { since, organizationId, onUnsettled = () => {}, pageSize = 1000 }: ReconcileOptions,
): Promise<Reconciliation> {
  await client.query('begin isolation level repeatable read read only');
  try {
    const scope = [since, organizationId ?? null];
    const { rows } = await client.query<{ as_of: Date; events: number; matched: number }>(
      `select now() as as_of, count(*)::int as events, coalesce(sum(matched), 0)::int as matched from event
       where received_at >= $1 and ($2::uuid is null or organization_id = $2)`,
      scope,
    );
    const { as_of: asOf, events, matched } = rows[0]!;
    const [live, replayed] = [noCounts(), noCounts()];
    await client.query(`declare statuses no scroll cursor for ${deliveryStatusSql}`, scope);
    for (;;) {
      const page = await client.query<StatusRow>(`fetch ${pageSize} from statuses`);
      for (const row of page.rows) {
        (row.replayed ? replayed : live)[row.status] += row.missing;
        const unsettled = unsettledOf(row);
        if (unsettled) onUnsettled(unsettled);
      }
      if (page.rows.length < pageSize) break;
    }
    return { since, asOf, events, matched, live, replayed };
  } finally {
    await client.query('rollback');
  }
}

/** Whether every event is settled at every destination that it was matched to, and nothing of a replay is lost. */
export const isSettled = ({ live, replayed }: Reconciliation): boolean =>
  [...openStatuses, 'lost' as const].every((status) => live[status] === 0) && replayed.lost === 0;

const noCounts = (): Counts =>
  Object.fromEntries(deliveryStatuses.map((status) => [status, 0])) as Counts;

function unsettledOf({ status, ...row }: StatusRow): UnsettledDelivery | null {
  if (isTerminal(status)) return null;
  return {
    eventId: row.event_id,
    deliveryId: row.delivery_id,
    endpointId: row.endpoint_id,
    destinationId: row.destination_id,
    replayed: row.replayed,
    status,
    reason: row.reason,
  };
}

const isTerminal = (status: DeliveryStatus): status is (typeof terminalStates)[number] =>
  (terminalStates as readonly DeliveryStatus[]).includes(status);
