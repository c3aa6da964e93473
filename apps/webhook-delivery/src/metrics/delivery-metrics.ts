import type { Counter, Histogram, Meter, ObservableResult } from '@opentelemetry/api';

import { bucketsSeconds, instruments, poolLabel, type Instrument } from './instruments.ts';

/** How an attempt ended; `not_sent` if no request was made, whatever follows from that. */
export const results = ['delivered', 'failed', 'exhausted', 'blocked', 'not_sent'] as const;
export type Result = (typeof results)[number];

export interface PartitionRecords {
  topic: string;
  partition: number;
  records: number;
}

/** Values that are read whenever the metrics are read: at once, and without effect. */
export interface Gauges {
  lag: () => Iterable<PartitionRecords>;
  inFlight: () => number;
}

/** The metrics of delivery. No method throws. */
export interface DeliveryMetrics {
  /**
   * An attempt has a result.
   * @param seconds of the request; undefined if none was made
   * @param sinceEvent seconds from the record of the event to the attempt, for the first attempt of a delivery that is no replay
   */
  attempted(result: Result, seconds?: number, sinceEvent?: number): void;
  /** A statement or a transaction got a connection, or gave up. @param seconds how long it waited */
  waitedForConnection(pool: string, seconds: number): void;
  /** Reads these values from now on. A gauge that is never named is not exported. */
  observe(gauges: Partial<Gauges>): void;
  /** Reads from now on how many wait for a connection of a pool. */
  observePool(pool: string, waiting: () => number): void;
}

/** The metrics of delivery, with the instruments of a meter. */
export function deliveryMetrics(meter: Meter): DeliveryMetrics {
  const attempts = counter(meter, instruments.attempts);
  const attemptDuration = histogram(meter, instruments.attemptDuration);
  const eventToRequest = histogram(meter, instruments.eventToRequest);
  const connectionWait = histogram(meter, instruments.connectionWait);
  // From the beginning, so that a rate over the first attempt is right.
  for (const result of results) attempts.add(0, { result });
  const gauge = (
    instrument: Instrument & { kind: 'gauge' },
    read: (result: ObservableResult) => void,
  ): void => meter.createObservableGauge(instrument.name, instrument).addCallback(read);
  return {
    attempted(result, seconds, sinceEvent) {
      attempts.add(1, { result });
      if (seconds !== undefined) attemptDuration.record(seconds, { result });
      if (sinceEvent !== undefined) eventToRequest.record(sinceEvent);
    },
    waitedForConnection: (pool, seconds) => connectionWait.record(seconds, { [poolLabel]: pool }),
    observe({ lag, ...numbers }) {
      if (lag) {
        gauge(instruments.lag, (result) => {
          for (const { topic, partition, records } of lag())
            result.observe(records, { topic, partition });
        });
      }
      for (const [name, read] of Object.entries(numbers) as [keyof typeof numbers, () => number][])
        gauge(instruments[name], (result) => result.observe(read()));
    },
    observePool(pool, waiting) {
      const attributes = { [poolLabel]: pool };
      gauge(instruments.connectionsWaitedFor, (result) => result.observe(waiting(), attributes));
    },
  };
}

const counter = (meter: Meter, instrument: Instrument & { kind: 'counter' }): Counter =>
  meter.createCounter(instrument.name, instrument);

const histogram = (meter: Meter, instrument: Instrument & { kind: 'histogram' }): Histogram =>
  meter.createHistogram(instrument.name, {
    ...instrument,
    advice: { explicitBucketBoundaries: bucketsSeconds },
  });
