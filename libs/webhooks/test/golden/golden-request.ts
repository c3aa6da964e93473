import type { DeliverableEvent, Dialect } from '../../src/dialect.ts';
import { attemptHeaders, encodeBody, fixedHeaders } from '../../src/request.ts';

export const url = 'https://receiver.example/hooks/48cc6c7c-2e59-434c-9844-2ac21383a2a5/';
/** A secret of 32 bytes. */
export const secret = Buffer.from('the secret of the golden request');
export const token = 'token-of-the-golden-endpoint';
export const endpointId = 'c0ffee00-0000-4000-8000-000000000001';
export const firstSentAt = new Date('2026-02-04T14:08:01.500Z');

export interface SentRequest {
  headers: Record<string, string>;
  body: Buffer;
}

/** The request of an attempt. The second attempt is due five minutes after the first, whose response was 503. */
export function requestOf(dialect: Dialect, event: DeliverableEvent, number: 1 | 2): SentRequest {
  const sentAt = new Date(firstSentAt.getTime() + (number - 1) * 300_040);
  const attempt = {
    eventId: event.id,
    eventType: event.type,
    number,
    sentAt,
    dueAt: new Date(sentAt.getTime() - 40),
    url,
    lastStatus: number === 1 ? null : 503,
    lastError: number === 1 ? null : 'HTTP_503',
  };
  const credentials = { secrets: [secret], token };
  const pinned = encodeBody(dialect, event, { endpointId });
  const body = dialect.attemptBody?.(pinned, attempt) ?? pinned;
  const headers = {
    ...fixedHeaders(dialect, event),
    ...attemptHeaders({
      eventId: event.id,
      body,
      timestamp: Math.floor(sentAt.getTime() / 1000),
      sequence: { number: 2, previousId: '0f8fad5b-d9cb-569f-a165-70867728950e', gap: 0 },
      replay: null,
      secrets: [secret],
    }),
    ...dialect.attemptHeaders?.(body, attempt, credentials),
  };
  return { headers, body };
}

/** The request as text: a line per header, an empty line, and the body's bytes. */
export const asText = ({ headers, body }: SentRequest): string =>
  [
    `POST ${url} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    body.toString(),
  ].join('\n');
