import { deflateSync } from 'node:zlib';

import { between, pick, type Random } from '@casewire/samples';

import type { HostileFile, Maker } from './hostile-file.ts';
import { greeting, onePage, pdfOf, stream } from './pdf-writer.ts';
import { emptyPng } from './png-writer.ts';

const named = (name: string, about: string, bytes: Uint8Array): HostileFile => ({
  name: `${name}.pdf`,
  about,
  bytes,
});

const boxes = [
  '0 0 14400 1',
  '0 0 1 14400',
  '0 0 14400 14400',
  '0 0 1000000000 1000000000',
  '0 0 0.001 0.001',
  '0 0 0 0',
  '-5000 -5000 5000 5000',
  '600 800 0 0',
  '0 0 1e38 1e38',
  '0 0 99999999999999999999 1',
  'NaN 0 100 100',
  '0 0 -1 -1',
  '0 0',
  '/A /B /C /D',
];

const absurdBox: Maker = (random) => {
  const box = pick(random, boxes);
  return named('absurd-box', `MediaBox [${box}]`, pdfOf(onePage(greeting, { box })));
};

const userUnit: Maker = (random) => {
  const unit = pick(random, ['75000', '1000000000', '-1', '0', '0.0000001']);
  const page = `/UserUnit ${unit}`;
  return named('user-unit', `UserUnit ${unit}`, pdfOf(onePage(greeting, { page })));
};

const manyPages: Maker = (random) => {
  const claimed = pick(random, [131, 5000, 100_000, 2_147_483_647, -7]);
  const real = Math.min(Math.max(claimed, 1), 5000);
  const objects = onePage(greeting);
  objects[2] = `<</Type/Pages/Count ${claimed}/Kids[${'3 0 R '.repeat(real)}]>>`;
  return named('many-pages', `claims ${claimed} pages, with one page repeated`, pdfOf(objects));
};

const pageLoop: Maker = (random) => {
  const objects = onePage(greeting);
  const depth = between(random, 1, 40);
  for (let i = 0; i < depth; i++)
    objects[10 + i] = `<</Type/Pages/Count 1/Kids[${10 + ((i + 1) % depth)} 0 R]>>`;
  objects[2] = '<</Type/Pages/Count 9/Kids[10 0 R 3 0 R 2 0 R]>>';
  return named('page-loop', `a page tree that contains itself over ${depth} steps`, pdfOf(objects));
};

const nested: Maker = (random) => {
  const depth = pick(random, [500, 5_000, 100_000]);
  const [open, close] = pick(random, [
    ['[', ']'],
    ['<</A ', '>>'],
    ['(', ')'],
  ] as const);
  const objects = onePage(greeting);
  objects[6] = open.repeat(depth) + close.repeat(depth);
  objects[1] = '<</Type/Catalog/Pages 2 0 R/Extra 6 0 R>>';
  return named('nested', `${depth} times ${open}`, pdfOf(objects));
};

const deepGraphics: Maker = (random) => {
  const depth = pick(random, [1_000, 50_000]);
  const content = `${'q '.repeat(depth)}${greeting}${' Q'.repeat(depth)}`;
  return named('deep-graphics', `${depth} saved graphics states`, pdfOf(onePage(content)));
};

const formLoop: Maker = (random) => {
  const width = between(random, 2, 6);
  const objects = onePage('/X10 Do', { resources: '/XObject<</X10 10 0 R>>' });
  const levels = 12;
  for (let i = 0; i < levels; i++) {
    const next = 10 + ((i + 1) % levels);
    const entries = `/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</N ${next} 0 R>>>>`;
    objects[10 + i] = stream(entries, '/N Do '.repeat(width));
  }
  return named('form-loop', `forms that paint each other, ${width} wide`, pdfOf(objects));
};

const manyObjects: Maker = (random) => {
  const count = pick(random, [2_000, 40_000, 400_000]);
  const content = deflateSync(Buffer.from('0 0 9 9 re f\n'.repeat(count)));
  const objects = onePage(content, { filter: '/Filter/FlateDecode' });
  return named('many-objects', `${count} rectangles in ${content.length} bytes`, pdfOf(objects));
};

const streamBomb: Maker = (random) => {
  const megabytes = pick(random, [50, 200, 400]);
  let data: Buffer = deflateSync(Buffer.alloc(megabytes * 1024 * 1024, ' '), { level: 9 });
  const twice = random() < 0.5;
  if (twice) data = deflateSync(data, { level: 9 });
  const filter = twice ? '/Filter[/FlateDecode/FlateDecode]' : '/Filter/FlateDecode';
  const about = `a stream of ${data.length} bytes that expands to ${megabytes} MB`;
  return named('stream-bomb', about, pdfOf(onePage(data, { filter })));
};

const objectStreamBomb: Maker = (random) => {
  const count = pick(random, [1_000, 100_000, 1_000_000]);
  const numbers = Array.from({ length: Math.min(count, 50_000) }, (_, i) => `${100 + i} 0`);
  const first = numbers.join(' ');
  const filling = Buffer.alloc(count * 100, '0 ');
  const data = deflateSync(Buffer.concat([Buffer.from(`${first}\n`), filling]), { level: 9 });
  const objects = onePage(greeting);
  objects[7] = stream(`/Type/ObjStm/N ${count}/First ${first.length + 1}/Filter/FlateDecode`, data);
  objects[1] = '<</Type/Catalog/Pages 2 0 R/AcroForm 100 0 R>>';
  return named('object-stream', `an object stream that claims ${count} objects`, pdfOf(objects));
};

const hugeImage: Maker = (random) => {
  const side = pick(random, [20_000, 65_535, 1_000_000]);
  const data = deflateSync(Buffer.alloc(4 * 1024 * 1024), { level: 9 });
  const objects = onePage('595 0 0 842 0 0 cm /I Do', { resources: '/XObject<</I 6 0 R>>' });
  objects[6] = stream(
    `/Type/XObject/Subtype/Image/Width ${side}/Height ${side}/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode`,
    data,
  );
  return named('huge-image', `an embedded image of ${side} x ${side} pixels`, pdfOf(objects));
};

const brokenXref: Maker = (random) => {
  const objects = onePage(greeting);
  const [about, options] = pick(random, [
    ['startxref points beyond the end', { startxref: 999_999_999 }],
    ['startxref points at the start', { startxref: 0 }],
    ['startxref is negative', { startxref: -1 }],
    ['Prev points at itself', { trailer: '/Prev 9' }],
    ['the trailer has no root', { root: 77 }],
    ['XRefStm points beyond the end', { trailer: '/XRefStm 123456' }],
  ] as const);
  return named('broken-xref', about, pdfOf(objects, options));
};

const encrypted: Maker = (random) => {
  const version = pick(random, [1, 2, 4, 5, 9]);
  const key = 'ab'.repeat(version === 5 ? 48 : 32);
  const objects = onePage(greeting);
  objects[8] = `<</Filter/Standard/V ${version}/R ${version + 1}/O<${key}>/U<${key}>/P -4/Length 128>>`;
  const trailer = '/Encrypt 8 0 R/ID[<00><00>]';
  return named('encrypted', `encrypted, version ${version}`, pdfOf(objects, { trailer }));
};

const active: Maker = (random) => {
  const action = pick(random, [
    '/S/JavaScript/JS(while(true){})',
    '/S/Launch/F(/bin/sh)',
    '/S/URI/URI(http://127.0.0.1:1/)',
    '/S/GoToR/F(\\\\\\\\server\\\\share)',
  ]);
  const objects = onePage(greeting);
  objects[1] = `<</Type/Catalog/Pages 2 0 R/OpenAction<<${action}>>>>`;
  return named('active', `an action ${action}`, pdfOf(objects));
};

const polyglot: Maker = (random) => {
  const pdf = pdfOf(onePage(greeting));
  const [about, head] = pick(random, [
    ['a PDF behind a script', Buffer.from('#!/bin/sh\nrm -rf /tmp/x\n')],
    ['a PDF behind HTML', Buffer.from('<html><script>alert(1)</script></html>\n')],
    ['a PDF behind a PNG', emptyPng({ width: 4, height: 4, bits: 8, colour: 0 })],
    ['a PDF behind a ZIP header', Buffer.from('PK\x03\x04\x14\x00', 'latin1')],
    ['a PDF behind 1,020 bytes', Buffer.alloc(1020, 'x')],
  ] as const);
  return named('polyglot', about, Buffer.concat([head, pdf]));
};

const truncated: Maker = (random) => {
  const pdf = pdfOf(onePage(greeting));
  const length = between(random, 5, pdf.length - 1);
  return named('truncated', `cut off after ${length} bytes`, pdf.subarray(0, length));
};

const flipped: Maker = (random) => {
  const pdf = pdfOf(onePage(greeting));
  const count = between(random, 1, 60);
  for (let i = 0; i < count; i++) pdf[between(random, 8, pdf.length - 1)] = between(random, 0, 255);
  return named('flipped', `${count} bytes changed`, pdf);
};

const oddText: Maker = (random) => {
  const size = pick(random, ['0', '-5', '1e9', '0.00001']);
  const count = pick(random, [1, 3_000]);
  const content = `BT /F1 ${size} Tf 9 9 Td ${'(\\000\\001\\377\\ud800 A) Tj '.repeat(count)}ET`;
  return named('odd-text', `text of size ${size}, ${count} times`, pdfOf(onePage(content)));
};

const zeros: Maker = (random: Random) => {
  const length = between(random, 1, 4000);
  const bytes = Buffer.concat([Buffer.from('%PDF-1.4'), Buffer.alloc(length)]);
  return named('zeros', `a header and ${length} zero bytes`, bytes);
};

export const pdfFamilies: readonly Maker[] = [
  absurdBox,
  truncated,
  streamBomb,
  brokenXref,
  manyPages,
  flipped,
  nested,
  hugeImage,
  encrypted,
  formLoop,
  userUnit,
  polyglot,
  objectStreamBomb,
  pageLoop,
  oddText,
  deepGraphics,
  manyObjects,
  active,
  zeros,
];
