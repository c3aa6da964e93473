import { deflateSync } from 'node:zlib';

import { between, pick, type Random } from '@casewire/samples';
import sharp from 'sharp';

import type { HostileFile, Maker } from './hostile-file.ts';
import { onePage, pdfOf } from './pdf-writer.ts';
import { chunk, emptyPng, header, type PngHeader, signature } from './png-writer.ts';

type Format = 'png' | 'jpeg' | 'webp';
const extension = { png: 'png', jpeg: 'jpg', webp: 'webp' } as const;

const named = (name: string, format: Format, about: string, bytes: Uint8Array): HostileFile => ({
  name: `${name}.${extension[format]}`,
  about,
  bytes,
});

/** A small valid picture with some noise. */
async function picture(random: Random, format: Format): Promise<Buffer> {
  const [width, height] = [between(random, 40, 200), between(random, 40, 200)];
  const pixels = Buffer.from(
    Array.from({ length: width * height }, () => between(random, 150, 255)),
  );
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toFormat(format)
    .toBuffer();
}

const anyFormat = (random: Random): Format => pick(random, ['png', 'jpeg', 'webp'] as const);

const pixelBomb: Maker = (random) => {
  const side = pick(random, [7_100, 16_000, 30_000]);
  const facts: PngHeader = { width: side, height: side, bits: 1, colour: 0 };
  return named('pixel-bomb', 'png', `${side} x ${side} pixels`, emptyPng(facts));
};

const largestAllowed: Maker = (random) => {
  const interlaced = random() < 0.5;
  const width = pick(random, [7_000, 49_000_000, 50_000]);
  const height = Math.floor(49_000_000 / width);
  const facts: PngHeader = { width, height, bits: 1, colour: 0 };
  const bytes = emptyPng(facts);
  // Only the flag is set: the data are not interlaced.
  if (interlaced) bytes.set(header({ ...facts, interlaced }), signature.length);
  const about = `${width} x ${height} pixels${interlaced ? ', marked as interlaced' : ''}`;
  return named('largest', 'png', about, bytes);
};

const absurdSize: Maker = (random) => {
  const [width, height] = pick(random, [
    [0, 0],
    [1, 2_147_483_647],
    [4_294_967_295, 4_294_967_295],
    [0, 100],
  ] as const);
  const bytes = Buffer.concat([
    signature,
    header({ width, height, bits: 8, colour: 0 }),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return named('absurd-size', 'png', `claims ${width} x ${height} pixels`, bytes);
};

const claimedJpeg: Maker = async (random) => {
  const bytes = await picture(random, 'jpeg');
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  const [width, height] = pick(random, [
    [65_535, 65_535],
    [0, 0],
    [65_535, 1],
    [7_000, 7_000],
  ] as const);
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return named('claimed', 'jpeg', `claims ${width} x ${height} pixels`, bytes);
};

const textBomb: Maker = (random) => {
  const megabytes = pick(random, [20, 100]);
  const data = deflateSync(Buffer.alloc(megabytes * 1024 * 1024, 'x'), { level: 9 });
  const text = Buffer.concat([Buffer.from('Comment\0\0'), data]);
  const facts: PngHeader = { width: 60, height: 60, bits: 8, colour: 0 };
  const bytes = emptyPng(facts, [chunk('zTXt', text)]);
  return named('text-bomb', 'png', `a comment that expands to ${megabytes} MB`, bytes);
};

const profileBomb: Maker = (random) => {
  const megabytes = pick(random, [20, 100]);
  const data = deflateSync(Buffer.alloc(megabytes * 1024 * 1024), { level: 9 });
  const profile = Buffer.concat([Buffer.from('icc\0\0'), data]);
  const facts: PngHeader = { width: 60, height: 60, bits: 8, colour: 2 };
  const bytes = emptyPng(facts, [chunk('iCCP', profile)]);
  return named('profile-bomb', 'png', `a colour profile that expands to ${megabytes} MB`, bytes);
};

const manyChunks: Maker = (random) => {
  const count = pick(random, [5_000, 100_000]);
  const facts: PngHeader = { width: 60, height: 60, bits: 8, colour: 0 };
  const one = chunk('tEXt', Buffer.from('a\0b'));
  const bytes = emptyPng(facts, [Buffer.concat(Array.from({ length: count }, () => one))]);
  return named('many-chunks', 'png', `${count} comments`, bytes);
};

const badChecksum: Maker = (random) => {
  const type = pick(random, ['IDAT', 'tEXt', 'PLTE']);
  const facts: PngHeader = { width: 60, height: 60, bits: 8, colour: 0 };
  const bytes = emptyPng(facts, [chunk(type, Buffer.alloc(9), 1)]);
  return named('bad-checksum', 'png', `a chunk ${type} with a wrong checksum`, bytes);
};

const longJpeg: Maker = async (random) => {
  const bytes = await picture(random, 'jpeg');
  const count = pick(random, [2_000, 60_000]);
  const comment = Buffer.from([0xff, 0xfe, 0x00, 0x04, 0x41, 0x42]);
  const all = Buffer.concat(Array.from({ length: count }, () => comment));
  const whole = Buffer.concat([bytes.subarray(0, 2), all, bytes.subarray(2)]);
  return named('long', 'jpeg', `${count} comments`, whole);
};

const truncated: Maker = async (random) => {
  const format = anyFormat(random);
  const bytes = await picture(random, format);
  const length = between(random, 1, bytes.length - 1);
  return named('truncated', format, `cut off after ${length} bytes`, bytes.subarray(0, length));
};

const flipped: Maker = async (random) => {
  const format = anyFormat(random);
  const bytes = await picture(random, format);
  const count = between(random, 1, 40);
  for (let i = 0; i < count; i++)
    bytes[between(random, 12, bytes.length - 1)] = between(random, 0, 255);
  return named('flipped', format, `${count} bytes changed`, bytes);
};

const trailing: Maker = async (random) => {
  const format = anyFormat(random);
  const bytes = Buffer.concat([
    await picture(random, format),
    pdfOf(onePage('BT ET')),
    Buffer.from('PK\x05\x06', 'latin1'),
  ]);
  return named('trailing', format, `a ${format} followed by a PDF and a ZIP`, bytes);
};

const wrongExtension: Maker = async (random) => {
  const bytes = await picture(random, anyFormat(random));
  const name = pick(random, ['scan.pdf', 'scan.exe', 'scan', 'scan.png.jpg', 'scan.svg']);
  return { name, about: `a picture with the name ${name}`, bytes };
};

const animated: Maker = async (random) => {
  const frames = pick(random, [2, 60]);
  const [width, height] = [80, 80];
  const pixels = Buffer.alloc(width * height * frames * 3, between(random, 0, 255));
  const raw = { width, height: height * frames, channels: 3 as const, pageHeight: height };
  const bytes = await sharp(pixels, { raw }).webp({ loop: 0 }).toBuffer();
  return named('animated', 'webp', `${frames} frames`, bytes);
};

const claimedWebp: Maker = async (random) => {
  const bytes = await picture(random, 'webp');
  const size = pick(random, [0, 4_294_967_295, 12]);
  bytes.writeUInt32LE(size, 4);
  return named('claimed', 'webp', `claims ${size} bytes`, bytes);
};

const turned: Maker = async (random) => {
  const bytes = await sharp(await picture(random, 'jpeg'))
    .withMetadata({ orientation: between(random, 1, 8), density: pick(random, [1, 72, 65_535]) })
    .jpeg()
    .toBuffer();
  return named('turned', 'jpeg', 'an odd orientation and resolution', bytes);
};

const thin: Maker = async (random) => {
  const [width, height] = pick(random, [
    [16_000, 1],
    [1, 16_000],
    [1, 1],
    [3, 3],
  ] as const);
  const format = pick(random, ['png', 'jpeg', 'webp'] as const);
  const bytes = await sharp({ create: { width, height, channels: 3, background: '#888' } })
    .toFormat(format)
    .toBuffer();
  return named('thin', format, `${width} x ${height} pixels`, bytes);
};

export const imageFamilies: readonly Maker[] = [
  pixelBomb,
  truncated,
  claimedJpeg,
  absurdSize,
  wrongExtension,
  textBomb,
  flipped,
  thin,
  trailing,
  claimedWebp,
  largestAllowed,
  badChecksum,
  manyChunks,
  profileBomb,
  longJpeg,
  turned,
  animated,
];
