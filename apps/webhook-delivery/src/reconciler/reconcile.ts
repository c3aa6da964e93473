import type { Client, PoolClient } from 'pg';

import { deliveryStatusSql } from './delivery-status.sql.ts';

const terminalStates = ['delivered', 'exhausted', 'canceled', 'expired'] as const;
/** How an open delivery can still come to its end: its lane is due, leased, waiting, blocked, or behind a closed endpoint. */
const openStatuses = ['due', 'leased', 'waiting', 'blocked', 'closed'] as const;
export const deliveryStatuses = [...terminalStates, ...openStatuses, 'lost'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** An event and a destination that it was matched to, without a terminal state. */
export interface UnsettledDelivery {
  eventId: string;
  /** Null where the delivery itself is missing. */
  deliveryId: string | null;
  /** Null for a callback URL, and where the delivery is missing. */
  endpointId: string | null;
  destinationId: string | null;
  /** Whether a replay sends it again, beside the event's own delivery. */
  replayed: boolean;
  status: Exclude<DeliveryStatus, (typeof terminalStates)[number]>;
  /** Why it can never come to its end; null while it can. */
  reason: string | null;
}

export type Counts = Record<DeliveryStatus, number>;

export interface Reconciliation {
  since: Date;
  /** When it was looked at. */
  asOf: Date;
  /** Events that were taken in since. */
  events: number;
  /** To how many destinations they were matched, all together. */
  matched: number;
  /** Of the events' own deliveries. */
  live: Counts;
  /** Of what replays of these events send. */
  replayed: Counts;
}

export interface ReconcileOptions {
  /** By when delivery took the event in. */
  since: Date;
  organizationId?: string | undefined;
  /** Hears of everything that is open or lost, as it is found. */
  onUnsettled?: (finding: UnsettledDelivery) => void;
  /** Rows blocked in memory at once. */
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
 * Looks at every event since a moment and every destination that it was matched to, as recorded when it was taken in, and
 * says of each whether it has come to its end, still can, or cannot. All of it as of one moment, in a transaction that
 * can write nothing; page by page, however many there are.
 * @param client a connection on which no transaction is open
 */
export async function reconcile(
  client: Client | PoolClient,
  {
    since,
    organizationId,
    onUnsettled: onFinding = () => {},
    pageSize: atOnce = 1000,
  }: ReconcileOptions,
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
    await client.query(`declare verdicts no scroll cursor for ${deliveryStatusSql}`, scope);
    for (;;) {
      const page = await client.query<StatusRow>(`fetch ${atOnce} from verdicts`);
      for (const row of page.rows) {
        (row.replayed ? replayed : live)[row.status] += row.missing;
        const finding = unsettledOf(row);
        if (finding) onFinding(finding);
      }
      if (page.rows.length < atOnce) break;
    }
    return { since, asOf, events, matched, live, replayed };
  } finally {
    await client.query('rollback');
  }
}

/** Whether every event has a terminal state at every destination that it was matched to, and nothing else is amiss. */
export const isSettled = ({ live, replayed }: Reconciliation): boolean =>
  [...openStatuses, 'lost' as const].every((verdict) => live[verdict] === 0) && replayed.lost === 0;

const noCounts = (): Counts =>
  Object.fromEntries(deliveryStatuses.map((verdict) => [verdict, 0])) as Counts;

function unsettledOf({ status: verdict, ...row }: StatusRow): UnsettledDelivery | null {
  if (isTerminal(verdict)) return null;
  return {
    eventId: row.event_id,
    deliveryId: row.delivery_id,
    endpointId: row.endpoint_id,
    destinationId: row.destination_id,
    replayed: row.replayed,
    status: verdict,
    reason: row.reason,
  };
}

const isTerminal = (verdict: DeliveryStatus): verdict is (typeof terminalStates)[number] =>
  (terminalStates as readonly DeliveryStatus[]).includes(verdict);
