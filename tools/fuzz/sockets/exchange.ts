import { connect } from 'node:net';

import type { Response } from '../response-rules.ts';
import type { RawRequest } from './raw-request.ts';

export interface Exchange {
  /** Null if the connection was closed, or the time was over, before the head was complete. */
  response: Response | null;
  ended: 'answered' | 'closed' | 'late';
}

/**
 * Sends bytes over a new connection, and reads the first response other than 1xx.
 * @param patienceMs how long to wait for it
 */
export function exchange(
  port: number,
  bytes: Buffer,
  { upTo = bytes.length, thenClose, pieces = 1 }: RawRequest['sent'],
  patienceMs: number,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const received: Buffer[] = [];
  const socket = connect(port, '127.0.0.1');
  const over = (ended: Exchange['ended']) => {
    clearTimeout(late);
    socket.destroy();
    resolve({ response: responseIn(Buffer.concat(received)), ended });
  };
  const late = setTimeout(() => over('late'), patienceMs);
  socket.on('error', () => over('closed'));
  socket.on('close', () => over('closed'));
  socket.on('data', (chunk) => {
    received.push(chunk);
    if (isComplete(Buffer.concat(received))) over('answered');
  });
  socket.once('connect', () => {
    const sent = bytes.subarray(0, upTo);
    const size = Math.max(1, Math.ceil(sent.length / pieces));
    socket.setNoDelay(true);
    for (let at = 0; at < sent.length; at += size) socket.write(sent.subarray(at, at + size));
    if (thenClose === 'end') socket.end();
    else if (thenClose === 'reset')
      socket.write('', () => {
        socket.resetAndDestroy();
        over('closed');
      });
  });
  return promise;
}

interface Head {
  status: number;
  headers: Record<string, string>;
  bodyAt: number;
}

function headIn(bytes: Buffer): Head | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
  // Interim responses, such as 100 Continue, are skipped.
  if (status >= 100 && status < 200 && status !== 101) return headAfter(bytes, end + 4);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status, headers, bodyAt: end + 4 };
}

function headAfter(bytes: Buffer, at: number): Head | null {
  const head = headIn(bytes.subarray(at));
  return head && { ...head, bodyAt: head.bodyAt + at };
}

function isComplete(bytes: Buffer): boolean {
  const head = headIn(bytes);
  if (!head) return false;
  const body = bytes.subarray(head.bodyAt);
  const length = head.headers['content-length'];
  if (length !== undefined) return body.length >= Number(length);
  if (head.headers['transfer-encoding'] === 'chunked') return body.includes('0\r\n\r\n');
  return head.status === 204 || head.status === 304;
}

function responseIn(bytes: Buffer): Response | null {
  const head = headIn(bytes);
  if (!head || Number.isNaN(head.status)) return null;
  const { status, headers } = head;
  // Later bytes are responses to what the server parsed as further requests.
  const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  const body = bytes.subarray(head.bodyAt, head.bodyAt + length);
  const isChunked = headers['transfer-encoding'] === 'chunked';
  return { status, headers, body: (isChunked ? dechunked(body) : body).toString() };
}

function dechunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (end < 0 || !(size > 0)) break;
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
