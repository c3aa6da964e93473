/** An instrument of OpenTelemetry. Its labels never name a case, a key, a destination or an organization. */
export interface Instrument {
  /** In the form of OpenTelemetry; `prometheusName` of @casewire/telemetry gives the name in the text format. */
  name: string;
  kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM; in braces what is counted. */
  unit: string;
  description: string;
  labels: readonly Label[];
}

/** The name of a connection pool has the label that the semantic conventions of OpenTelemetry have for it. */
export const poolLabel = 'db.client.connection.pool.name';
export type Label = 'topic' | 'partition' | 'result' | typeof poolLabel;

/**
 * All instruments of delivery. Names, units and buckets follow the semantic conventions of OpenTelemetry where there are such:
 * "Database client metrics" and "Node.js runtime metrics".
 */
export const instruments = {
  lag: {
    name: 'casewire.delivery.lag',
    kind: 'gauge',
    unit: '{record}',
    description: 'records of a partition that are not ingested yet, as of the last fetch',
    labels: ['topic', 'partition'],
  },
  inFlight: {
    name: 'casewire.delivery.requests_in_flight',
    kind: 'gauge',
    unit: '{request}',
    description: 'attempts from their claim until their result is recorded',
    labels: [],
  },
  attempts: {
    name: 'casewire.delivery.attempts',
    kind: 'counter',
    unit: '{attempt}',
    description: 'attempts, by their result',
    labels: ['result'],
  },
  attemptDuration: {
    name: 'casewire.delivery.attempt.duration',
    kind: 'histogram',
    unit: 's',
    description: 'from the begin of a request until its response or its failure',
    labels: ['result'],
  },
  eventToRequest: {
    name: 'casewire.delivery.event_to_request.duration',
    kind: 'histogram',
    unit: 's',
    description: "from the timestamp of an event's record to its first attempt",
    labels: [],
  },
  connectionWait: {
    name: 'db.client.connection.wait_time',
    kind: 'histogram',
    unit: 's',
    description: 'how long a statement or a transaction waited for a connection',
    labels: [poolLabel],
  },
  connectionsWaitedFor: {
    name: 'db.client.connection.pending_requests',
    kind: 'gauge',
    unit: '{request}',
    description: 'statements and transactions that wait for a connection',
    labels: [poolLabel],
  },
  eventLoopDelayP50: {
    name: 'nodejs.eventloop.delay.p50',
    kind: 'gauge',
    unit: 's',
    description: 'delay of the event loop since it was last read: median',
    labels: [],
  },
  eventLoopDelayP99: {
    name: 'nodejs.eventloop.delay.p99',
    kind: 'gauge',
    unit: 's',
    description: 'delay of the event loop since it was last read: 99th percentile',
    labels: [],
  },
  eventLoopDelayMax: {
    name: 'nodejs.eventloop.delay.max',
    kind: 'gauge',
    unit: 's',
    description: 'delay of the event loop since it was last read: maximum',
    labels: [],
  },
} as const satisfies Record<string, Instrument>;

/** The upper limits of the buckets of every histogram, in seconds. */
export const bucketsSeconds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
