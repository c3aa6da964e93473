import { createHash } from 'node:crypto';

import { deliveredEventId, EventHeaders, eventTypeKey } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';
import { dialects } from '@casewire/webhooks';

import { EventRejected, type IncomingEvent } from '../model/incoming-event.ts';
import type { Catalog } from '../model/reference-data.ts';

/**
 * Parses the event in a record: CloudEvents 1.0, Kafka binding, binary mode.
 * @throws EventRejected with a stable code and the reason
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
  if (!type) throw undeliverable(name, version, catalog);
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
    id: deliveredEventId(record.topic, headers.data.ce_source, headers.data.ce_id),
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
    publishedAt: record.timestamp,
    key: record.key,
    eventType: type,
    digest: createHash('sha256').update(`${name}\n${occurredAt}\n`).update(record.value!).digest(),
    traceparent: headers.data.traceparent ?? null,
    callbackUrl: headers.data.ce_destination ?? null,
    callbackDialect: headers.data.ce_dialect ?? null,
  };
  requireName(event);
  return event;
}

/** Rejects an event that goes only to its callback URL if its dialect has no name for it: it would have no destination. */
function requireName(event: IncomingEvent): void {
  const { callbackUrl, callbackDialect: dialect, eventType } = event;
  if (eventType.callback !== 'instead' || callbackUrl === null || dialect === null) return;
  if (dialects[dialect].nameOf(event) !== null) return;
  throw new EventRejected(
    'EVENT_DIALECT_WITHOUT_NAME',
    `ce_dialect: ${dialect} has no name for ${event.type}`,
  );
}

function undeliverable(
  name: string,
  version: number | undefined,
  catalog: Pick<Catalog, 'statusOf'>,
): EventRejected {
  const known = catalog.statusOf(name, version);
  if (!known) {
    const requested = version === undefined ? name : eventTypeKey(name, version);
    return new EventRejected('EVENT_TYPE_UNKNOWN', `${requested} is not in the catalog`);
  }
  const type = eventTypeKey(name, known.version);
  return known.status === 'reserved'
    ? new EventRejected(
        'EVENT_TYPE_RESERVED',
        `${type} is reserved: it is not delivered until it is active`,
      )
    : new EventRejected('EVENT_TYPE_RETIRED', `${type} is retired: it is not delivered any more`);
}

function dataOf({ value }: IncomingRecord): Record<string, unknown> {
  let data: unknown;
  try {
    data = JSON.parse(value?.toString() ?? '');
  } catch (cause) {
    throw new EventRejected('EVENT_NOT_JSON', (cause as Error).message);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new EventRejected('EVENT_NOT_JSON', 'the data is not a JSON object');
  // Checked in serialized form, in which escaped and plain characters look the same.
  if (unstorable.test(JSON.stringify(data))) throw notText();
  return data as Record<string, unknown>;
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair: an event with one could never be stored. */
function requireText(...texts: string[]): void {
  if (texts.some((text) => text.includes('\0') || !text.isWellFormed())) throw notText();
}

const notText = () =>
  new EventRejected('EVENT_NOT_TEXT', 'a text contains NUL or half a character');

const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;
