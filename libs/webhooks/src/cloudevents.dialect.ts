import type { Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';

/**
 * Encodes a string as a header value: each byte of UTF-8 of a space, a double quote, a percent sign or a character outside
 * printable ASCII becomes %XY. Source: CloudEvents 1.0.2, HTTP protocol binding, 3.1.3.2.
 */
export const headerValue = (value: string): string =>
  value
    .toWellFormed()
    .replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) =>
      Array.from(
        Buffer.from(character),
        (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
      ).join(''),
    );

/** CloudEvents 1.0 over HTTP in binary mode: the body is the event's data, the attributes are headers. */
export const cloudevents: Dialect = {
  name: 'cloudevents',
  eventNames: null,
  nameOf: ({ type }) => type,
  body: ({ data }) => data,
  headers(event) {
    const attributes: Record<string, string | null> = {
      specversion: '1.0',
      id: event.id,
      source: `/casewire/${event.organizationId}`,
      type: event.type,
      time: event.occurredAt,
      subject: event.subject,
      // Extension attributes: the same that the event has on Kafka.
      dataschemaversion: `${event.version}`,
      organization: event.organizationId,
      environment: event.environment,
      feature: event.feature,
      correlationid: event.correlationId,
    };
    // CloudEvents allows no empty attributes: they are left out.
    return Object.fromEntries(
      Object.entries(attributes).flatMap(([name, value]) =>
        value ? [[`ce-${name}`, headerValue(value)]] : [],
      ),
    );
  },
  secretHeaders: [],
  handshake: true,
  schedule: standardSchedule,
  timeoutMs: 15_000,
};
