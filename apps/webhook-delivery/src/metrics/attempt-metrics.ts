import type { AttemptResult, ClaimedHead, IngestBatch } from '../model/lane-store.ts';
import type { DeliveryMetrics } from './delivery-metrics.ts';
import { EventTimes } from './event-times.ts';

/** What the dispatcher reports about its work. */
export interface AttemptMetrics {
  /** Called before a batch is ingested: attempts of its events may follow at once. */
  ingesting(batch: IngestBatch): void;
  /** Called when an attempt has a result. */
  attempted(head: ClaimedHead, result: AttemptResult): void;
}

/** Measures attempts, and how long after its event the first one of a delivery was. */
export function attemptMetrics(metrics: Pick<DeliveryMetrics, 'attempted'>): AttemptMetrics {
  const times = new EventTimes();
  return {
    ingesting({ events }) {
      for (const { event, deliveries } of events)
        if (deliveries.length > 0) times.add(event.id, event.publishedAt.getTime());
    },
    attempted({ attempt, replayJob, eventId }, { outcome, sent, startedAt, durationMs }) {
      if (!sent) return metrics.attempted('not_sent');
      const isFirst = attempt === 1 && replayJob === null;
      const sinceEvent = isFirst ? times.secondsSince(eventId, startedAt.getTime()) : undefined;
      metrics.attempted(outcome, durationMs / 1000, sinceEvent);
    },
  };
}
