import { PDFDocument, rgb, StandardFonts } from 'pdf-lib';

import type { Rectangle } from './pdf-page.ts';

/** Paints white over a printed text and prints another text on top, in another font. */
export async function overlay(pdf: Buffer, area: Rectangle, text: string): Promise<Buffer> {
  const document = await PDFDocument.load(pdf, { updateMetadata: false });
  const page = document.getPage(0);
  const font = document.embedStandardFont(StandardFonts.Courier);
  const y = page.getHeight() - area.y - area.height;
  page.drawRectangle({
    x: area.x - 3,
    y: y - 2,
    width: area.width + 6,
    height: area.height + 4,
    color: rgb(1, 1, 1),
  });
  page.drawText(text, { x: area.x, y: y + area.height * 0.25, size: 10, font });
  return Buffer.from(await document.save({ useObjectStreams: false }));
}

/**
 * Appends the page content of `edited` to `original` as an incremental update (ISO 32000-2, 7.5.6). Both files must be drawings
 * of the same document, so that their objects have the same numbers.
 */
export function revise(original: Buffer, edited: Buffer): Buffer {
  const source = original.toString('latin1');
  const number = contentsNumber(source);
  const start = original.length;
  const object = objectBytes(edited.toString('latin1'), number);
  const previous = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(source)![1]!;
  const trailer = /trailer\s*<<([\s\S]*?)>>/.exec(source)![1]!;
  const update = `\n${object}\n`;
  const table =
    `xref\n0 1\n0000000000 65535 f \n${number} 1\n${String(start + 1).padStart(10, '0')} 00000 n \n` +
    `trailer\n<<${trailer}/Prev ${previous}\n>>\nstartxref\n${start + update.length}\n%%EOF\n`;
  return Buffer.concat([original, Buffer.from(update + table, 'latin1')]);
}

function contentsNumber(source: string): number {
  const found = /\/Contents\s*\[?\s*(\d+) 0 R/.exec(source);
  if (!found) throw new Error('the drawing has no page content to revise');
  return Number(found[1]);
}

function objectBytes(source: string, number: number): string {
  const start = source.search(new RegExp(`(^|\\n)${number} 0 obj`));
  if (start < 0) throw new Error(`the edited drawing has no object ${number}`);
  return source.slice(start, source.indexOf('endobj', start) + 'endobj'.length).trimStart();
}
