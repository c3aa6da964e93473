import { request, type Dispatcher } from 'undici';

export interface OutgoingRequest {
  /** Default: POST. */
  method?: 'POST' | 'OPTIONS';
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  /** For the whole request, in milliseconds. */
  timeoutMs: number;
  dispatcher: Dispatcher;
}

/** The response, or the error if there was none. */
export interface SendResult {
  status: number | null;
  headers: Record<string, string> | null;
  /** The first 4 KiB. */
  body: Buffer | null;
  /** Begins with a stable code; null if there was a response. */
  error: string | null;
}

const keptBytes = 4 * 1024;
const readBytes = 64 * 1024;

/**
 * Sends a request within a total deadline. Does not follow redirects.
 * @returns the response or the error; never throws
 */
export async function send({
  method = 'POST',
  url,
  headers,
  body,
  timeoutMs,
  dispatcher,
}: OutgoingRequest): Promise<SendResult> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await request(url, {
      method,
      headers,
      body,
      dispatcher,
      signal: deadline,
    });
    const head = { status: response.statusCode, headers: masked(response.headers), error: null };
    return { ...head, body: await readStart(response.body) };
  } catch (error) {
    return { status: null, headers: null, body: null, error: reason(error, deadline, timeoutMs) };
  }
}

/** Reads the first bytes of the body. The status decides: a body that never ends or breaks off is no failure. */
async function readStart(stream: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > readBytes) break;
    }
  } catch {
    // The bytes that arrived are kept.
  }
  return Buffer.concat(chunks).subarray(0, keptBytes);
}

function masked(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).slice(0, 64);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      storable(name),
      secretResponseHeaders.has(name) ? '***' : storable(String(value)).slice(0, 1024),
    ]),
  );
}

/** Response headers that may carry credentials: their values are masked in the delivery log. */
const secretResponseHeaders = new Set(['set-cookie', 'authorization', 'proxy-authorization']);

/** PostgreSQL stores no NUL in text. */
const storable = (text: string) => text.replaceAll('\0', '');

function reason(error: unknown, deadline: AbortSignal, timeoutMs: number): string {
  if (deadline.aborted) return `TIMEOUT: no answer within ${timeoutMs} ms`;
  const { code, message } = error as { code?: string; message?: string };
  return storable(`${code ?? 'FAILED'}: ${message ?? String(error)}`).slice(0, 500);
}
