import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { attemptHeaders } from '../src/request.ts';
import { encodeSecret } from '../src/secret.ts';

export const secretBytes = Buffer.alloc(32, 5);
export const secret = encodeSecret(secretBytes);

/** JSON with whitespace and escapes that no serializer reproduces. */
export const rawBody = Buffer.from(
  '{ "eventName":"case.completed",\n "payload": {"name":"Mu\\u00f1oz ñ"}}',
);
export const event = { eventName: 'case.completed', payload: { name: 'Muñoz ñ' } };

/** The headers of an attempt at the present time. */
export const signedHeaders = (id: string, body: Uint8Array = rawBody): Record<string, string> => ({
  'content-type': 'application/json',
  ...attemptHeaders({
    eventId: id,
    body,
    timestamp: Math.floor(Date.now() / 1000),
    sequence: { number: 1, previousId: null, gap: 0 },
    replay: null,
    secrets: [secretBytes],
  }),
});

export async function post(
  url: string,
  headers: Record<string, string>,
  body: Uint8Array = rawBody,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

export const addressOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
