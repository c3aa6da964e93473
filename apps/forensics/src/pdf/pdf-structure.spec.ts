import { generate } from '@casewire/samples';
import { expect, test } from 'vitest';

import { pdfStructure } from './pdf-structure.ts';

test('a file that was saved once has one revision', async () => {
  const { bytes } = await generate('invoice', { seed: 81 });
  expect(pdfStructure(bytes)).toEqual({ earlierEnds: [], trailing: 0, active: [], xmpTool: null });
});

test('appended bytes are a revision, and the end of the first one is known', async () => {
  const [first, revised] = await Promise.all([
    generate('bank_statement', { seed: 82 }),
    generate('bank_statement_revised', { seed: 82 }),
  ]);
  const { earlierEnds } = pdfStructure(revised.bytes);
  expect(earlierEnds).toHaveLength(1);
  expect(first.bytes.length - earlierEnds[0]!).toBeLessThan(3);
});

test('the first table of a linearised file is no revision', () => {
  const file =
    '%PDF-1.7\n1 0 obj<</Linearized 1>>endobj\nstartxref\n0\n%%EOF\n2 0 obj<<>>endobj\nstartxref\n42\n%%EOF\n';
  expect(pdfStructure(Buffer.from(file)).earlierEnds).toEqual([]);
});

test('actions, attachments, the producer and trailing bytes are found', () => {
  const file =
    '%PDF-1.7\n<</S/JavaScript/JS(app.alert(1))>><</Type/EmbeddedFile>><xmp:CreatorTool>Canva</xmp:CreatorTool>\n%%EOF\nmore';
  expect(pdfStructure(Buffer.from(file))).toMatchObject({
    active: ['JavaScript', 'EmbeddedFile'],
    xmpTool: 'Canva',
    trailing: 5,
  });
});
