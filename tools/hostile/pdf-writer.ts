/** Objects by number: the bytes between `obj` and `endobj`. */
export type PdfObjects = Record<number, string | Buffer>;

export interface PdfOptions {
  /** Entries of the trailer in addition to Size and Root. */
  trailer?: string;
  root?: number;
  /** The claimed offset of the cross-reference table; by default the true one. */
  startxref?: number;
}

/** A stream object with these entries in its dictionary, and its data unchanged. */
export function stream(entries: string, data: Buffer | string): Buffer {
  const bytes = Buffer.from(data as string);
  return Buffer.concat([
    Buffer.from(`<<${entries}/Length ${bytes.length}>>\nstream\n`, 'latin1'),
    bytes,
    Buffer.from('\nendstream', 'latin1'),
  ]);
}

/** A PDF with a classic cross-reference table (ISO 32000-2, 7.5.4). Its objects may be invalid. */
export function pdfOf(objects: PdfObjects, options: PdfOptions = {}): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  let at = parts[0]!.length;
  const offsets = new Map<number, number>();
  for (const [number, body] of Object.entries(objects)) {
    offsets.set(Number(number), at);
    const part = Buffer.concat([
      Buffer.from(`${number} 0 obj\n`),
      Buffer.from(body as string),
      Buffer.from('\nendobj\n'),
    ]);
    parts.push(part);
    at += part.length;
  }
  const size = Math.max(...offsets.keys()) + 1;
  const rows = Array.from({ length: size }, (_, number) => {
    const offset = offsets.get(number);
    return offset === undefined
      ? '0000000000 65535 f \n'
      : `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const { trailer = '', root = 1, startxref = at } = options;
  const end = `trailer\n<</Size ${size}/Root ${root} 0 R${trailer}>>\nstartxref\n${startxref}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(`xref\n0 ${size}\n${rows.join('')}${end}`)]);
}

/** The objects 1 to 5 of a PDF with one page of this content. A caller may change them or add others. */
export function onePage(
  content: Buffer | string,
  { box = '0 0 595 842', page = '', resources = '/Font<</F1 5 0 R>>', filter = '' } = {},
): PdfObjects {
  return {
    1: '<</Type/Catalog/Pages 2 0 R>>',
    2: '<</Type/Pages/Count 1/Kids[3 0 R]>>',
    3: `<</Type/Page/Parent 2 0 R/MediaBox[${box}]/Resources<<${resources}>>/Contents 4 0 R${page}>>`,
    4: stream(filter, content),
    5: '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  };
}

export const greeting = 'BT /F1 24 Tf 60 700 Td (Statement of account for March) Tj ET';
