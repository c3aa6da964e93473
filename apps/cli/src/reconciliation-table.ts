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

export const unsettledHeader = row(['event', 'endpoint', 'delivery', 'verdict', 'reason']);

/** What has no terminal state, in one line. */
export const unsettledLine = (finding: UnsettledDelivery): string =>
  row([
    finding.eventId,
    finding.endpointId ?? (finding.deliveryId === null ? '-' : 'a callback URL'),
    finding.deliveryId ?? '-',
    finding.status,
    `${finding.reason ?? ''}${finding.replayed ? ' (a replay)' : ''}`,
  ]);

/** A table of how many are in which state. */
export function summary(report: Reconciliation): string {
  const { events, matched, since, asOf, live, replayed } = report;
  const line = (name: string, cells: readonly (string | number)[]) =>
    [name.padEnd(8), ...cells.map((cell) => String(cell).padStart(9))].join('  ');
  const counts = (of: Counts) => deliveryStatuses.map((verdict) => of[verdict]);
  return [
    `${events} events since ${since.toISOString()}, matched ${matched} times; as of ${asOf.toISOString()}`,
    '',
    line('', deliveryStatuses),
    line('events', counts(live)),
    line('replays', counts(replayed)),
    '',
    isSettled(report)
      ? 'every event has a terminal state at every endpoint that it was matched to'
      : 'some have no terminal state',
  ].join('\n');
}
