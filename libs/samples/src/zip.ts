import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive to write. What is not given is written as an ordinary archiver writes it. */
export interface ZipFileEntry {
  name: string | Buffer;
  content?: Uint8Array;
  /** Default: deflated. */
  stored?: boolean;
  /** General purpose flags; by default the name is UTF-8. */
  flags?: number;
  /** Attributes of Unix: type and permissions. */
  mode?: number;
  /** Claims another size in the directory and in the header. */
  claimedSize?: number;
  claimedCrc?: number;
  /** Another name in the local header. */
  localName?: string;
  /** Sizes and checksum behind the data, as a writer of streams does. */
  descriptor?: boolean;
  /** Sizes and offset in the ZIP64 field. */
  zip64?: boolean;
  /** Compressed data, instead of those of the content. */
  data?: Buffer;
  method?: number;
  /** The directory refers to the place of the entry with this index. */
  sameAs?: number;
}

interface Written {
  entry: ZipFileEntry;
  name: Buffer;
  data: Buffer;
  content: Uint8Array;
  at: number;
}

const utf8 = 0x800;
const withDescriptor = 0x8;
const maximum = 0xffffffff;

/** A ZIP archive (PKWARE APPNOTE 6.3.10), valid or as its entries say. The same entries give the same bytes. */
export function zipOf(entries: readonly ZipFileEntry[], options: { count?: number } = {}): Buffer {
  const parts: Buffer[] = [];
  const written: Written[] = [];
  let at = 0;
  for (const entry of entries) {
    const content = entry.content ?? Buffer.alloc(0);
    const data = entry.data ?? (entry.stored ? Buffer.from(content) : deflateRawSync(content));
    const one = { entry, name: Buffer.from(entry.name as string), data, content, at };
    written.push(one);
    if (entry.sameAs !== undefined) {
      one.at = written[entry.sameAs]!.at;
      continue;
    }
    const local = Buffer.concat([localHeader(one), data, descriptorOf(one)]);
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(written.map(directoryHeader));
  const is64 = entries.some(({ zip64 }) => zip64);
  const count = options.count ?? entries.length;
  const end = endRecord(directory.length, at, count, is64);
  return Buffer.concat([
    ...parts,
    directory,
    ...(is64 ? [end64(directory.length, at, count)] : []),
    end,
  ]);
}

const methodOf = ({ method, stored }: ZipFileEntry) => method ?? (stored ? 0 : 8);
const flagsOf = ({ flags = utf8, descriptor }: ZipFileEntry) =>
  flags | (descriptor ? withDescriptor : 0);
const crcOf = ({ entry, content }: Written) => entry.claimedCrc ?? crc32(content);
const sizeOf = ({ entry, content }: Written) => entry.claimedSize ?? content.length;

function localHeader(one: Written): Buffer {
  const { entry, data } = one;
  const name = entry.localName === undefined ? one.name : Buffer.from(entry.localName);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(entry.zip64 ? 45 : 20, 4);
  header.writeUInt16LE(flagsOf(entry), 6);
  header.writeUInt16LE(methodOf(entry), 8);
  if (!entry.descriptor) {
    header.writeUInt32LE(crcOf(one), 14);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt32LE(Math.min(sizeOf(one), maximum), 22);
  }
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function descriptorOf(one: Written): Buffer {
  if (!one.entry.descriptor) return Buffer.alloc(0);
  const descriptor = Buffer.alloc(16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crcOf(one), 4);
  descriptor.writeUInt32LE(one.data.length, 8);
  descriptor.writeUInt32LE(sizeOf(one), 12);
  return descriptor;
}

function directoryHeader(one: Written): Buffer {
  const { entry, name, data, at } = one;
  const extra = entry.zip64 ? extra64(sizeOf(one), data.length, at) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(((entry.mode === undefined ? 0 : 3) << 8) | 20, 4);
  header.writeUInt16LE(entry.zip64 ? 45 : 20, 6);
  header.writeUInt16LE(flagsOf(entry), 8);
  header.writeUInt16LE(methodOf(entry), 10);
  header.writeUInt32LE(crcOf(one), 16);
  header.writeUInt32LE(entry.zip64 ? maximum : data.length, 20);
  header.writeUInt32LE(entry.zip64 ? maximum : sizeOf(one), 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 38);
  header.writeUInt32LE(entry.zip64 ? maximum : at, 42);
  return Buffer.concat([header, name, extra]);
}

function extra64(size: number, compressed: number, at: number): Buffer {
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(size), 4);
  extra.writeBigUInt64LE(BigInt(compressed), 12);
  extra.writeBigUInt64LE(BigInt(at), 20);
  return extra;
}

function endRecord(length: number, at: number, count: number, is64: boolean): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(is64 ? 0xffff : count & 0xffff, 8);
  end.writeUInt16LE(is64 ? 0xffff : count & 0xffff, 10);
  end.writeUInt32LE(is64 ? maximum : length, 12);
  end.writeUInt32LE(is64 ? maximum : at, 16);
  return end;
}

function end64(length: number, at: number, count: number): Buffer {
  const record = Buffer.alloc(76);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(length), 40);
  record.writeBigUInt64LE(BigInt(at), 48);
  // The locator of the record.
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(at + length), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
