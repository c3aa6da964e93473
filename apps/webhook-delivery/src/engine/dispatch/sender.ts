import { request, type Dispatcher } from 'undici';

export interface OutgoingRequest {
  /** POST unless said. */
  method?: 'POST' | 'OPTIONS';
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  timeoutMs: number;
  dispatcher: Dispatcher;
}

/** What came back, or why nothing did. */
export interface SendResult {
  status: number | null;
  headers: Record<string, string> | null;
  /** The first 4 KiB. */
  body: Buffer | null;
  error: string | null;
}

const keptBytes = 4 * 1024;
const readBytes = 64 * 1024;

/** Sends a request, within a total deadline; redirects are not followed. Never throws: what fails is in the answer. */
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
    const answer = { status: response.statusCode, headers: plain(response.headers), error: null };
    return { ...answer, body: await readSome(response.body) };
  } catch (error) {
    return { status: null, headers: null, body: null, error: reason(error, deadline, timeoutMs) };
  }
}

/** The answer is its status: a body that does not end, or breaks, changes nothing about it. */
async function readSome(stream: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > readBytes) break;
    }
  } catch {
    // what came until then is kept
  }
  return Buffer.concat(chunks).subarray(0, keptBytes);
}

function plain(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).slice(0, 64);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      storable(name),
      secretResponseHeaders.has(name) ? '***' : storable(String(value)).slice(0, 1024),
    ]),
  );
}

/** Response headers that may carry credentials: their values are masked. */
const secretResponseHeaders = new Set(['set-cookie', 'authorization', 'proxy-authorization']);

/** PostgreSQL stores no NUL in text. */
const storable = (text: string) => text.replaceAll('\0', '');

function reason(error: unknown, deadline: AbortSignal, timeoutMs: number): string {
  if (deadline.aborted) return `TIMEOUT: no answer within ${timeoutMs} ms`;
  const { code, message } = error as { code?: string; message?: string };
  return storable(`${code ?? 'FAILED'}: ${message ?? String(error)}`).slice(0, 500);
}
