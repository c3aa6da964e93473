import { pick, type Random } from '@casewire/samples';

import { archiveOf } from './archive-mutations.ts';

const crlf = '\r\n';

export interface Part {
  head: string;
  body: string | Buffer;
}

export interface Form {
  boundary: string;
  parts: Part[];
  preamble: string;
  end: string;
  newline: string;
}

const field = (name: string, value: string): Part => ({
  head: `Content-Disposition: form-data; name="${name}"`,
  body: value,
});

export const fileOf = (bytes: Buffer, name = 'a.pdf'): Part => ({
  head: `Content-Disposition: form-data; name="files"; filename="${name}"${crlf}Content-Type: application/pdf`,
  body: bytes,
});

/** A valid form. */
export const formOf = (file: Buffer): Form => ({
  boundary: 'casewire-fuzz',
  parts: [field('metadata', '{"a":1}'), field('features', '["extraction"]'), fileOf(file)],
  preamble: '',
  end: '--casewire-fuzz--\r\n',
  newline: crlf,
});

export function bytesOfForm({ boundary, parts, preamble, end, newline }: Form): Buffer {
  const written = parts.flatMap(({ head, body }) => [
    Buffer.from(`--${boundary}${newline}${head.replaceAll(crlf, newline)}${newline}${newline}`),
    Buffer.from(body),
    Buffer.from(newline),
  ]);
  return Buffer.concat([Buffer.from(preamble), ...written, Buffer.from(end)]);
}

const heads = [
  '',
  'Content-Disposition',
  ': x',
  'Content-Disposition: form-data',
  'Content-Disposition: form-data; name',
  'Content-Disposition: form-data; name=',
  'Content-Disposition: form-data; name="',
  'Content-Disposition: form-data; name="a"; name="b"',
  'Content-Disposition: attachment; name="files"; filename="x"',
  'Content-Disposition: form-data; name="files"; filename=""',
  'Content-Disposition: form-data; name="files"; filename="../../etc/passwd"',
  'Content-Disposition: form-data; name="files"; filename="C:\\a\\b.pdf"',
  'Content-Disposition: form-data; name="files"; filename="a\u0000.pdf"',
  'Content-Disposition: form-data; name="files"; filename*=utf-8\'\'%ff%fe',
  'Content-Disposition: form-data; name="files"; filename*=foo\'bar',
  'Content-Disposition: form-data; name="files"; filename*0=a; filename*1*=utf-8\'\'%zz',
  'Content-Disposition: form-data; name="__proto__"',
  'Content-Disposition: form-data; name="constructor"',
  'Content-Disposition: form-data; name="metadata"\r\nContent-Type: text/plain; charset=utf-7',
  'Content-Disposition: form-data; name="metadata"\r\nContent-Type: text/plain; charset=no-such',
  'Content-Disposition: form-data; name="metadata"\r\nContent-Transfer-Encoding: base64',
  'Content-Disposition: form-data; name="metadata"\r\nContent-Type: /;;=',
  `Content-Disposition: form-data; name="${'n'.repeat(20_000)}"`,
  `Content-Disposition: form-data; name="a"\r\nX-Long: ${'x'.repeat(90_000)}`,
  `Content-Disposition: form-data; name="a"\r\n${Array.from({ length: 3_000 }, (_, i) => `X-${i}: y`).join('\r\n')}`,
];
const texts = [
  '',
  '{',
  '[',
  'null',
  '"x"',
  '["extraction","extraction"]',
  '["extraction","magic"]',
  '[["extraction"],["translation"]]',
  '[["extraction"],"translation"]',
  '[[[]]]',
  '[true,false]',
  'es',
  '{"__proto__":1}',
  '{"a":"\\u0000"}',
  '\u0000',
  '\ud800',
  'x'.repeat(70_000),
];

/** Faults and unusual forms of a multipart form. */
export const formMutations: Record<string, (form: Form, random: Random) => void> = {
  'no end': (form, random) => {
    form.end = pick(random, [
      '',
      `--${form.boundary}`,
      `--${form.boundary}-`,
      `--${form.boundary}--`,
    ]);
  },
  'another head': (form, random) => {
    form.parts.push({ head: pick(random, heads), body: pick(random, texts) });
  },
  'another head first': (form, random) => {
    form.parts.unshift({ head: pick(random, heads), body: pick(random, texts) });
  },
  'another text': (form, random) => {
    const name = pick(random, [
      'metadata',
      'features',
      'classify',
      'externalId',
      'reference',
      'correlationId',
      'callbackUrl',
      'targetLanguage',
      'files',
      '',
    ]);
    form.parts.unshift(field(name, pick(random, texts)));
  },
  // The form itself is valid: the service must refuse the value before it reaches the database.
  'metadata that cannot be stored': (form, random) => {
    const value = pick(random, ['{"a":"\\ud800"}', '{"\\ud800":1}', '{"a":"\\u0000"}']);
    form.parts = form.parts.map((part) =>
      part.head.includes('name="metadata"') ? field('metadata', value) : part,
    );
  },
  'a field twice': (form, random) => {
    if (form.parts.length > 0) form.parts.push(pick(random, form.parts));
  },
  'thousands of parts': (form, random) => {
    const count = pick(random, [65, 2_000, 20_000]);
    const file = random() < 0.3;
    for (let i = 0; i < count; i++)
      form.parts.push(file ? fileOf(Buffer.from('x'), `${i}.pdf`) : field(`f${i}`, 'v'));
  },
  'a preamble': (form, random) => {
    form.preamble = pick(random, ['\r\n', '\n', 'junk', `--${form.boundary}`, '-'.repeat(100_000)]);
  },
  'only line feeds': (form) => {
    form.newline = '\n';
  },
  'bytes after the end': (form, random) => {
    form.end += pick(random, ['junk', `--${form.boundary}\r\n\r\n`, '\r\n'.repeat(10_000)]);
  },
  'the boundary inside': (form) => {
    form.parts.push(fileOf(Buffer.from(`\r\n--${form.boundary}x\r\n--${form.boundary}`)));
  },
  'no parts': (form) => {
    form.parts = [];
  },
  'an archive': (form, random) => {
    form.parts.push(fileOf(archiveOf(random), pick(random, ['a.zip', 'a', 'a.pdf'])));
  },
  'steering in a name': (form, random) => {
    const steering = pick(random, ['slow-1', 'slow-99999', 'extraction-fails', 'review-verdict']);
    form.parts = form.parts.map((part) =>
      part.head.includes('name="files"')
        ? { ...part, head: part.head.replace('a.pdf', `a.${steering}.pdf`) }
        : part,
    );
  },
  'other bytes in a file': (form, random) => {
    form.parts.push(
      fileOf(Buffer.from(Array.from({ length: 300 }, () => Math.floor(random() * 256)))),
    );
  },
};
