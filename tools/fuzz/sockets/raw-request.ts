/** A request before it is serialized; mutations change it. */
export interface RawRequest {
  method: string;
  target: string;
  version: string;
  headers: [name: string, value: string][];
  body: Buffer;
  /** `length`: with the correct Content-Length; `chunked`: in chunks; `none`: only by the given headers, correct or not. */
  framing: 'length' | 'chunked' | 'none';
  /** Trailers after the last chunk. */
  trailers: [name: string, value: string][];
  /** How the bytes are sent: only the first `upTo`, in `pieces`, and how the connection is closed. */
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

/** The bytes of a request. Its head is Latin-1; names and values may be invalid. */
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

/** Readable text for bytes, which can be copied into a shell's $'…'. */
export const readable = (bytes: Buffer, longest = 700): string =>
  `${[...bytes.subarray(0, longest)].map(shown).join('')}${bytes.length > longest ? `… (${bytes.length} bytes)` : ''}`;

function shown(byte: number): string {
  if (byte === 10) return '\\n\n';
  if (byte === 13) return '\\r';
  return byte >= 32 && byte < 127 && byte !== 92
    ? String.fromCodePoint(byte)
    : `\\x${byte.toString(16).padStart(2, '0')}`;
}
