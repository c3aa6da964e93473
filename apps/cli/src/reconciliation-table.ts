import {
  isSettled,
  deliveryStatuses,
  type Counts,
  type UnsettledDelivery,
  type Reconciliation,
} from '@casewire/webhook-delivery/reconciler';

const columns = [36, 36, 12, 9] as const;
const row = (cells: readonly string[]) =>
  cells
    .map((cell, i) => cell.padEnd(columns[i] ?? 0))
    .join('  ')
    .trimEnd();

export const unsettledHeader = row(['event', 'endpoint', 'delivery', 'status', 'reason']);

/** An unsettled delivery as a line of a table. */
export const unsettledLine = (delivery: UnsettledDelivery): string =>
  row([
    delivery.eventId,
    delivery.endpointId ?? (delivery.deliveryId === null ? '-' : 'a callback URL'),
    delivery.deliveryId ?? '-',
    delivery.status,
    `${delivery.reason ?? ''}${delivery.replayed ? ' (replay)' : ''}`,
  ]);

/** A table with the number of deliveries in each status. */
export function summary(report: Reconciliation): string {
  const { events, matched, since, asOf, live, replayed } = report;
  const line = (name: string, cells: readonly (string | number)[]) =>
    [name.padEnd(8), ...cells.map((cell) => String(cell).padStart(9))].join('  ');
  const counts = (of: Counts) => deliveryStatuses.map((status) => of[status]);
  return [
    `${events} events since ${since.toISOString()}, matched ${matched} times; as of ${asOf.toISOString()}`,
    '',
    line('', deliveryStatuses),
    line('events', counts(live)),
    line('replays', counts(replayed)),
    '',
    isSettled(report)
      ? 'every event is settled at every endpoint that it was matched to'
      : 'some deliveries are not settled',
  ].join('\n');
}
