import { crc32, deflateSync } from 'node:zlib';

import type { SubmittedFile } from '@casewire/client';
import { generate } from '@casewire/samples';

const named = (name: string, bytes: Uint8Array): SubmittedFile => ({ name, bytes });

/** Bytes that are not a document of any type. */
export const notADocument = () => named('notes.txt', Buffer.from('Dear Sir or Madam,'));
/** The beginning of a ZIP archive, with an uncompressed PDF in it: the signatures of both types are found. */
export async function cutZip(): Promise<SubmittedFile> {
  const { bytes } = await generate('invoice', { seed: 9 });
  const name = Buffer.from('invoice.pdf');
  const local = Buffer.alloc(30);
  local.write('PK\x03\x04', 0, 'latin1');
  local.writeUInt16LE(20, 4);
  local.writeUInt32LE(crc32(bytes), 14);
  local.writeUInt32LE(bytes.length, 18);
  local.writeUInt32LE(bytes.length, 22);
  local.writeUInt16LE(name.length, 26);
  return named('documents.zip', Buffer.concat([local, name, bytes]));
}
export const svg = () =>
  named('drawing.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
export const empty = () => named('empty.pdf', Buffer.alloc(0));
/** Has the signature of a PDF, but no page that can be opened. */
export const brokenPdf = () =>
  named(
    'broken.pdf',
    Buffer.from('%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF'),
  );

/** A PDF that requires a password: encrypted by the standard handler under keys that do not exist. */
export async function encryptedPdf(): Promise<SubmittedFile> {
  const { bytes } = await generate('invoice', { seed: 7 });
  const text = bytes.toString('latin1');
  const root = /\/Root (\d+ \d+ R)/.exec(text)![1]!;
  const size = Number(/\/Size (\d+)/.exec(text)![1]);
  const start = /startxref\s+(\d+)/.exec(text)![1]!;
  const hex = (byte: string) => byte.repeat(32);
  const dictionary = `${size} 0 obj <</Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <${hex('a1')}> /U <${hex('b2')}>>> endobj\n`;
  const table = `xref\n${size} 1\n${`${bytes.length + 1}`.padStart(10, '0')} 00000 n \n`;
  const id = `[<${'c3'.repeat(16)}> <${'c3'.repeat(16)}>]`;
  const trailer = `trailer <</Size ${size + 1} /Root ${root} /Prev ${start} /Encrypt ${size} 0 R /ID ${id}>>\n`;
  const end = `startxref\n${bytes.length + 1 + dictionary.length}\n%%EOF\n`;
  return named(
    'secret.pdf',
    Buffer.concat([bytes, Buffer.from(`\n${dictionary}${table}${trailer}${end}`, 'latin1')]),
  );
}

/** A PNG with few bytes and very many pixels. */
export function hugePng(side = 16_000): SubmittedFile {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8); // one bit, grey
  const rows = Buffer.alloc(side * (1 + Math.ceil(side / 8)));
  const chunks = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return named('huge.png', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), frame.length - 4);
  return frame;
}

/** A valid PDF with bytes appended up to the given size. */
export async function paddedPdf(size: number): Promise<SubmittedFile> {
  const { bytes } = await generate('invoice', { seed: 8 });
  return named('large.pdf', Buffer.concat([bytes, Buffer.alloc(size - bytes.length, '\n')]));
}
