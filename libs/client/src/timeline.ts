import type { DeliveryView, TimelineEntry } from '@casewire/contracts';

/** A moment of a case with the deliveries of its event, or a delivery that was created or settled. */
export type TimelineItem =
  | { at: string; kind: 'moment'; moment: TimelineEntry; deliveries: DeliveryView[] }
  | {
      at: string;
      kind: 'delivery.created' | 'delivery.settled';
      delivery: DeliveryView;
      /** What caused the event; null for an event that is not part of the case's timeline. */
      moment: TimelineEntry | null;
    };

/**
 * The moments of a case and the deliveries of its events on one axis, in order of time. Both are joined by `eventId`. Of one time,
 * a moment comes before the deliveries that it caused.
 */
export function joinTimeline(
  entries: readonly TimelineEntry[],
  deliveries: readonly DeliveryView[],
): TimelineItem[] {
  const byEvent = Map.groupBy(deliveries, ({ eventId }) => eventId);
  const moments = new Map(entries.map((entry) => [entry.eventId, entry]));
  const items: TimelineItem[] = [
    ...entries.map((moment) => ({
      at: moment.at,
      kind: 'moment' as const,
      moment,
      deliveries: moment.eventId === null ? [] : (byEvent.get(moment.eventId) ?? []),
    })),
    ...deliveries.flatMap((delivery) => {
      const moment = moments.get(delivery.eventId) ?? null;
      return timesOf(delivery).map(([kind, at]) => ({ at, kind, delivery, moment }));
    }),
  ];
  return items.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

function timesOf({
  createdAt,
  settledAt,
}: DeliveryView): ['delivery.created' | 'delivery.settled', string][] {
  return settledAt === null
    ? [['delivery.created', createdAt]]
    : [
        ['delivery.created', createdAt],
        ['delivery.settled', settledAt],
      ];
}
