import { createHash, randomUUID } from 'node:crypto';

import {
  eventTypeKey,
  Topics,
  uuidV5,
  type Endpoint,
  type EventType,
  type Organization,
} from '@casewire/contracts';
import { organizationFixture } from '@casewire/contracts/testing';

import { pin } from '../src/intake/delivery-builder.ts';
import { erasingTypes } from '../src/model/erasing-types.ts';
import { laneKeyOf, type IncomingEvent } from '../src/model/incoming-event.ts';
import type {
  AttemptResult,
  CallbackDestination,
  ClaimedHead,
  IngestBatch,
  NewDelivery,
} from '../src/model/lane-store.ts';

export const organizationId = 'a0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10';

export const eventType = (over: Partial<EventType> = {}): EventType => ({
  name: 'thing.happened',
  version: 1,
  audience: 'partner',
  category: 'Thing',
  trigger: 'A thing happened',
  owner: 'casewire',
  sourceTopic: Topics.casewireEvents,
  ordering: 'key+feature',
  status: 'active',
  callback: 'none',
  addressees: null,
  downConversion: null,
  schema: { type: 'object' },
  sample: {},
  revision: 1,
  deletedAt: null,
  ...over,
});

/** A catalog of these types, for which every object is valid. */
export const catalogOf = (...types: EventType[]) => {
  const byKey = new Map(types.map((type) => [eventTypeKey(type.name, type.version), type]));
  return {
    entries: () => byKey.entries(),
    get: (key: string) => byKey.get(key),
    onChange: () => {},
  };
};

export const organization = (over: Partial<Organization> = {}): Organization =>
  organizationFixture({ id: organizationId, ...over });

export const endpoint = (over: Partial<Endpoint> = {}): Endpoint => ({
  id: randomUUID(),
  organizationId,
  environment: 'sandbox',
  url: 'https://receiver.example/hook',
  description: null,
  audience: 'partner',
  dialect: 'casewire',
  subscriptions: [{ eventType: '*', version: null, names: null }],
  filters: [],
  headerNames: [],
  retry: null,
  onExhausted: 'skip',
  ratePerSecond: null,
  maxInFlight: 64,
  enabled: true,
  createdAt: '2026-01-22T10:30:00.000Z',
  revision: 1,
  deletedAt: null,
  ...over,
});

export interface EventOver extends Partial<Omit<IncomingEvent, 'eventType'>> {
  eventType?: Partial<EventType>;
}

/** An event with a key and a random id, unless they are given. */
export function incomingEvent({ eventType: type, ...over }: EventOver = {}): IncomingEvent {
  const event = {
    id: randomUUID() as string,
    type: 'thing.happened',
    version: 1,
    organizationId,
    environment: 'sandbox',
    occurredAt: '2026-01-22T10:30:00.000Z',
    feature: null,
    subject: null,
    correlationId: null,
    data: { said: 'hello' },
    topic: Topics.casewireEvents,
    offset: 0n,
    publishedAt: new Date('2026-01-22T10:30:00Z'),
    key: 'case-1',
    traceparent: null,
    callbackUrl: null,
    callbackDialect: null,
    ...over,
  };
  return {
    digest: createHash('sha256').update(JSON.stringify(event.data)).digest(),
    eventType: eventType({ name: event.type, ...type }),
    ...event,
  };
}

/** A callback URL with a fake seal. */
export const callback = (
  url: string,
  over: Partial<CallbackDestination> = {},
): CallbackDestination => ({
  hash: createHash('sha256').update(url).digest(),
  sealedUrl: `sealed ${url}`,
  dialect: 'casewire',
  host: new URL(url).host,
  ...over,
});

/** A destination of an event in a test. */
export type TestDestination = Endpoint | { callback: CallbackDestination };

function deliveryTo(to: TestDestination, event: IncomingEvent): NewDelivery {
  const destination = 'callback' in to ? to : { endpoint: to };
  const dialect = 'callback' in to ? to.callback.dialect : to.dialect;
  return { destination, ...pin(dialect, event, destination) };
}

/** A batch of these events of one partition, each with a delivery to all of these destinations. */
export function batchOf(
  destinations: readonly TestDestination[],
  events: readonly IncomingEvent[],
  { partition = 0 }: { partition?: number } = {},
): IngestBatch {
  return {
    topic: events[0]?.topic ?? Topics.casewireEvents,
    partition,
    nextOffset: (events.at(-1)?.offset ?? -1n) + 1n,
    registryOffset: 7n,
    events: events.map((event) => ({
      event,
      lane: laneKeyOf(event),
      deliveries: destinations.map((one) => deliveryTo(one, event)),
      erases: erasingTypes.has(event.type),
      callbackUrl: null,
      misplaced: false,
    })),
  };
}

/** Successive batches of one partition: each one continues after the previous offset. */
export class Partition {
  private next = 0n;

  constructor(readonly number = 0) {}

  batch(destinations: readonly TestDestination[], ...events: EventOver[]): IngestBatch {
    const numbered = events.map((over) => incomingEvent({ ...over, offset: this.next++ }));
    return batchOf(destinations, numbered, { partition: this.number });
  }
}

/** A deterministic id. */
export const namedId = (...parts: (string | number)[]): string => uuidV5(...parts.map(String));

let lastStart = 0;
/** The current time, never the same twice. */
const nextStart = () => new Date((lastStart = Math.max(Date.now(), lastStart + 1)));

/** An attempt result as the dispatcher records it. */
export const resultOf = (
  { laneId, epoch, deliveryId, attempt }: ClaimedHead,
  outcome: AttemptResult['outcome'] = 'delivered',
  over: Partial<AttemptResult> = {},
): AttemptResult => ({
  laneId,
  epoch,
  deliveryId,
  attempt,
  outcome,
  delayMs: 0,
  sent: true,
  requestedPauseMs: 0,
  startedAt: nextStart(),
  durationMs: 1.5,
  requestHeaders: { 'webhook-id': 'some' },
  requestBody: null,
  status: outcome === 'delivered' ? 200 : 500,
  responseHeaders: { server: 'some' },
  responseBody: Buffer.from('answered'),
  error: outcome === 'delivered' ? null : 'HTTP_500',
  ...over,
});
