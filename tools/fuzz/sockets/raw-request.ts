/** A request as it goes over a socket, before it is written down: what mutations work on. */
export interface RawRequest {
  method: string;
  target: string;
  version: string;
  headers: [name: string, value: string][];
  body: Buffer;
  /** `length`: with the right Content-Length; `chunked`: in chunks; `none`: as the headers say, right or wrong. */
  framing: 'length' | 'chunked' | 'none';
  /** What is sent behind the last chunk. */
  trailers: [name: string, value: string][];
  /** What becomes of the bytes. */
  sent: { upTo?: number; thenClose?: 'end' | 'reset'; pieces?: number };
}

const line = ([name, value]: [string, string]) => `${name}: ${value}\r\n`;

function chunked(body: Buffer, trailers: [string, string][]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += 700) {
    const chunk = body.subarray(at, at + 700);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailers.map(line).join('')}\r\n`)]);
}

/** The bytes of a request. Header names and values are Latin-1, and whatever else they may hold. */
export function bytesOf(request: RawRequest): Buffer {
  const { method, target, version, framing, body, trailers } = request;
  const framed: [string, string][] =
    framing === 'none'
      ? []
      : framing === 'chunked'
        ? [['Transfer-Encoding', 'chunked']]
        : body.length > 0 || method === 'POST'
          ? [['Content-Length', String(body.length)]]
          : [];
  const head = `${method} ${target} ${version}\r\n${[...request.headers, ...framed].map(line).join('')}\r\n`;
  return Buffer.concat([
    Buffer.from(head, 'latin1'),
    framing === 'chunked' ? chunked(body, trailers) : body,
  ]);
}

/** Bytes as one can read them, and copy them into a shell's $'…'. */
export const readable = (bytes: Buffer, longest = 700): string =>
  `${[...bytes.subarray(0, longest)].map(shown).join('')}${bytes.length > longest ? `… (${bytes.length} bytes)` : ''}`;

function shown(byte: number): string {
  if (byte === 10) return '\\n\n';
  if (byte === 13) return '\\r';
  return byte >= 32 && byte < 127 && byte !== 92
    ? String.fromCodePoint(byte)
    : `\\x${byte.toString(16).padStart(2, '0')}`;
}
