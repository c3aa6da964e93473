import { createHash } from 'node:crypto';

import { EventHeaders, eventTypeKey, uuidV5 } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';
import { dialects } from '@casewire/webhooks';

import { EventRejected, type IncomingEvent } from '../model/incoming-event.ts';
import type { Catalog } from '../model/reference-data.ts';

/**
 * The event that a record holds: CloudEvents 1.0, Kafka binding, binary mode.
 * @throws EventRejected
 */
export function parseEvent(record: IncomingRecord, catalog: Catalog): IncomingEvent {
  const headers = EventHeaders.safeParse(record.headers);
  if (!headers.success) {
    const faults = headers.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new EventRejected('EVENT_HEADERS_INVALID', faults.join('; '));
  }
  const { ce_type: name, ce_dataschemaversion: written } = headers.data;
  const version = written === undefined ? undefined : Number(written);
  const type = catalog.find(name, version);
  if (!type) throw notDelivered(name, version, catalog);
  if (type.sourceTopic !== record.topic) {
    throw new EventRejected(
      'EVENT_TOPIC_WRONG',
      `${name} is published on ${type.sourceTopic}, not on ${record.topic}`,
    );
  }
  const { ce_organization: organizationId } = headers.data;
  if (type.addressees !== null && !type.addressees.includes(organizationId)) {
    throw new EventRejected(
      'EVENT_ADDRESSEE_NOT_ALLOWED',
      `${name} must not be sent to the organization ${organizationId}`,
    );
  }
  const data = dataOf(record);
  const fault = catalog.faultOf(type, data);
  if (fault)
    throw new EventRejected(
      'EVENT_SCHEMA_VIOLATED',
      `${eventTypeKey(type.name, type.version)}: ${fault}`,
    );
  requireText(record.key ?? '', headers.data.ce_feature ?? '', headers.data.traceparent ?? '');
  const occurredAt = new Date(headers.data.ce_time).toISOString();
  const event: IncomingEvent = {
    id: uuidV5('event', record.topic, headers.data.ce_source, headers.data.ce_id),
    type: name,
    version: type.version,
    organizationId: headers.data.ce_organization,
    environment: headers.data.ce_environment,
    occurredAt,
    feature: headers.data.ce_feature ?? null,
    subject: headers.data.ce_subject ?? null,
    correlationId: headers.data.ce_correlationid ?? null,
    data,
    topic: record.topic,
    offset: record.offset,
    key: record.key,
    eventType: type,
    digest: createHash('sha256').update(`${name}\n${occurredAt}\n`).update(record.value!).digest(),
    traceparent: headers.data.traceparent ?? null,
    callbackUrl: headers.data.ce_destination ?? null,
    callbackDialect: headers.data.ce_dialect ?? null,
  };
  requireWords(event);
  return event;
}

/** An event that goes to its own URL only, in a dialect that has no words for it, would go nowhere. */
function requireWords(event: IncomingEvent): void {
  const { callbackUrl, callbackDialect: dialect, eventType } = event;
  if (eventType.callback !== 'instead' || callbackUrl === null || dialect === null) return;
  if (dialects[dialect].nameOf(event) !== null) return;
  throw new EventRejected(
    'EVENT_DIALECT_WITHOUT_WORDS',
    `ce_dialect: ${dialect} has no words for ${event.type}`,
  );
}

function notDelivered(
  name: string,
  version: number | undefined,
  catalog: Pick<Catalog, 'statusOf'>,
): EventRejected {
  const known = catalog.statusOf(name, version);
  if (!known) {
    const asked = version === undefined ? name : eventTypeKey(name, version);
    return new EventRejected('EVENT_TYPE_UNKNOWN', `${asked} is not in the catalog`);
  }
  const type = eventTypeKey(name, known.version);
  return known.status === 'reserved'
    ? new EventRejected(
        'EVENT_TYPE_RESERVED',
        `${type} is reserved: nothing of it is delivered until it is active`,
      )
    : new EventRejected(
        'EVENT_TYPE_RETIRED',
        `${type} is retired: nothing of it is delivered any more`,
      );
}

function dataOf({ value }: IncomingRecord): Record<string, unknown> {
  let data: unknown;
  try {
    data = JSON.parse(value?.toString() ?? '');
  } catch (cause) {
    throw new EventRejected('EVENT_NOT_JSON', (cause as Error).message);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new EventRejected('EVENT_NOT_JSON', 'the data is no JSON object');
  // As it is written again, so that escapes and plain characters look the same.
  if (unstorable.test(JSON.stringify(data))) throw notText();
  return data as Record<string, unknown>;
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair: an event that holds one could never be taken in. */
function requireText(...texts: string[]): void {
  if (texts.some((text) => text.includes('\0') || !text.isWellFormed())) throw notText();
}

const notText = () =>
  new EventRejected('EVENT_NOT_TEXT', 'a text in it holds NUL or half a character');

const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;
