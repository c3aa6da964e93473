/** The parts of a JPEG file that show its history (ITU-T T.81, annex B). */
export interface JpegStructure {
  /** The luminance quantisation table, row by row; null where the file has none. */
  quantization: number[] | null;
  /** Whether it is the standard's table, scaled as libjpeg does; many cameras and editors have other tables. */
  standardTable: boolean;
  /** The quality of libjpeg whose table is nearest, 1 to 100. */
  quality: number | null;
  /** Bytes after the end of the image. */
  trailing: number;
}

// ITU-T T.81, table K.1.
const standard = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
  92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const zigzag = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
  13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52,
  45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/** Reads the markers of a JPEG; null where the bytes are no JPEG. */
export function jpegStructure(bytes: Uint8Array): JpegStructure | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 4 || view.readUInt16BE(0) !== 0xffd8) return null;
  let quantization: number[] | null = null;
  for (let at = 2; at + 4 <= view.length && view[at] === 0xff;) {
    const marker = view[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const length = view.readUInt16BE(at + 2);
    if (marker === 0xdb) quantization ??= luminanceTable(view.subarray(at + 4, at + 2 + length));
    at += 2 + length;
  }
  const nearest = quantization && nearestQuality(quantization);
  return {
    quantization,
    standardTable: nearest?.distance === 0,
    quality: nearest?.quality ?? null,
    trailing: trailingBytes(view),
  };
}

function luminanceTable(segment: Buffer): number[] | null {
  for (let at = 0; at + 65 <= segment.length;) {
    const wide = segment[at]! >> 4 === 1;
    const size = wide ? 128 : 64;
    if ((segment[at]! & 15) === 0 && at + 1 + size <= segment.length) {
      const table: number[] = Array.from({ length: 64 }, () => 1);
      for (let i = 0; i < 64; i++) {
        table[zigzag[i]!] = wide ? segment.readUInt16BE(at + 1 + i * 2) : segment[at + 1 + i]!;
      }
      return table;
    }
    at += 1 + size;
  }
  return null;
}

/** The quality whose scaled standard table (libjpeg, jcparam.c) is nearest. */
function nearestQuality(table: readonly number[]): { quality: number; distance: number } {
  let best = { quality: 0, distance: Infinity };
  for (let quality = 1; quality <= 100; quality++) {
    const factor = quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
    const distance = standard.reduce((sum, value, i) => {
      const scaled = Math.min(255, Math.max(1, Math.floor((value * factor + 50) / 100)));
      return sum + Math.abs(scaled - table[i]!);
    }, 0);
    if (distance < best.distance) best = { quality, distance };
  }
  return best;
}

/** How many bytes follow the last end-of-image marker; padding of zeros and line ends does not count. */
function trailingBytes(view: Buffer): number {
  const end = view.lastIndexOf(Buffer.from([0xff, 0xd9]));
  if (end < 0) return 0;
  const rest = view.subarray(end + 2);
  return rest.every((byte) => byte === 0 || byte === 0x0a || byte === 0x0d) ? 0 : rest.length;
}
