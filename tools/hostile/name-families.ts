import { between, pick } from '@casewire/samples';

import type { Maker } from './hostile-file.ts';
import { greeting, onePage, pdfOf } from './pdf-writer.ts';

const names = [
  '../../../../etc/passwd.pdf',
  '..\\..\\windows\\system.ini.pdf',
  '/etc/shadow.pdf',
  'C:\\secret.pdf',
  'a\u0000b.pdf',
  'a\r\nx-injected: 1.pdf',
  'a\u001b[2Jb.pdf',
  '\u202efdp.exe.pdf',
  '"; filename="b.pdf',
  `${'n'.repeat(300)}.pdf`,
  `${'ñ'.repeat(200)}.pdf`,
  '.pdf',
  '..',
  '.',
  ' ',
  'CON.pdf',
  '\ud800.pdf',
  '<img src=x onerror=alert(1)>.pdf',
  "'; drop table upload_private; --.pdf",
  '%00.pdf',
];

const oddName: Maker = (random) => {
  const name = pick(random, names);
  const bytes = pdfOf(onePage(greeting));
  return { name, bytes, about: `a valid PDF with the name ${JSON.stringify(name)}` };
};

const noDocument: Maker = (random) => {
  const length = pick(random, [0, 1, 4, 1024, 100_000]);
  const value = pick(random, [0, 0xff, 0x25]);
  const name = pick(random, ['scan.pdf', 'scan.png', 'scan.jpg', 'scan.webp']);
  return { name, bytes: Buffer.alloc(length, value), about: `${length} bytes ${value}` };
};

const noise: Maker = (random) => {
  const head = pick(random, [
    '%PDF-1.5\n',
    '\x89PNG\r\n\x1a\n',
    '\xff\xd8\xff\xe0',
    'RIFF....WEBPVP8L',
  ]);
  const body = Buffer.from(
    Array.from({ length: between(random, 10, 5000) }, () => between(random, 0, 255)),
  );
  const name = pick(random, ['scan.pdf', 'scan.png', 'scan.jpg', 'scan.webp']);
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body]);
  return { name, bytes, about: `the first bytes of a type, then noise, as ${name}` };
};

export const nameFamilies: readonly Maker[] = [oddName, noDocument, noise];
