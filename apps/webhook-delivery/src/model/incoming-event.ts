import type { DialectName, EventType } from '@casewire/contracts';
import type { DeliverableEvent } from '@casewire/webhooks';

/** A record on events.* that cannot be ingested: it becomes a dead letter with this reason. */
export class EventRejected extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** An event as it is read from its Kafka record. */
export interface IncomingEvent extends DeliverableEvent {
  topic: string;
  offset: bigint;
  /** The timestamp of the record: by default the clock of its producer. */
  publishedAt: Date;
  key: string | null;
  eventType: EventType;
  /** sha256 of type, time and data; distinguishes a repeated event from another event with the same id. */
  digest: Buffer;
  traceparent: string | null;
  /** The callback URL in the record. */
  callbackUrl: string | null;
  /** The dialect of the callback URL, if the record names one. */
  callbackDialect: DialectName | null;
}

/** Key and feature of the event's lane, by the ordering rule of its type. Without a key, or without an order, it has a lane of its own. */
export function laneKeyOf({ eventType, key, feature, type, id }: IncomingEvent): {
  key: string;
  feature: string;
} {
  if (key === null || eventType.ordering === 'none') return { key: `event:${id}`, feature: '' };
  switch (eventType.ordering) {
    case 'key+feature':
      return { key, feature: feature ?? '' };
    case 'key+type':
      return { key, feature: `type:${type}` };
    case 'key':
      return { key, feature: '' };
  }
}
