import { crc32, deflateSync } from 'node:zlib';

export interface PngHeader {
  width: number;
  height: number;
  bits: 1 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 6 RGBA (PNG, 11.2.1). */
  colour: 0 | 2 | 3 | 6;
  interlaced?: boolean;
}

export const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** A chunk with its checksum, or with a wrong one. */
export function chunk(type: string, data: Uint8Array, checksum?: number): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE((checksum ?? crc32(body)) >>> 0, frame.length - 4);
  return frame;
}

export function header({ width, height, bits, colour, interlaced = false }: PngHeader): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width >>> 0, 0);
  data.writeUInt32BE(height >>> 0, 4);
  data.set([bits, colour, 0, 0, interlaced ? 1 : 0], 8);
  return chunk('IHDR', data);
}

const samples = { 0: 1, 2: 3, 3: 1, 6: 4 } as const;

/** A PNG whose pixels are all zero: a few bytes for any size. */
export function emptyPng(pngHeader: PngHeader, extra: readonly Buffer[] = []): Buffer {
  const row = 1 + Math.ceil((pngHeader.width * pngHeader.bits * samples[pngHeader.colour]) / 8);
  return Buffer.concat([
    signature,
    header(pngHeader),
    ...extra,
    chunk('IDAT', deflateSync(Buffer.alloc(row * pngHeader.height), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
