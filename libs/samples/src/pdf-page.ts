import { PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from 'pdf-lib';

export type Typeface = 'sans' | 'sansBold' | 'serif' | 'serifBold' | 'mono';

const typefaces: Record<Typeface, StandardFonts> = {
  sans: StandardFonts.Helvetica,
  sansBold: StandardFonts.HelveticaBold,
  serif: StandardFonts.TimesRoman,
  serifBold: StandardFonts.TimesRomanBold,
  mono: StandardFonts.CourierBold,
};

export type Rectangle = { x: number; y: number; width: number; height: number };

export interface PdfPageOptions {
  /** In points. */
  size: [number, number];
  title: string;
  producer: string;
  created: Date;
}

/** A page of a PDF to draw on, in points from the top left. It records the printed text. */
export class PdfPage {
  readonly printed: string[] = [];
  private readonly fonts = new Map<Typeface, PDFFont>();

  private constructor(
    readonly document: PDFDocument,
    private page: PDFPage,
    readonly width: number,
    readonly height: number,
  ) {}

  static async create(options: PdfPageOptions): Promise<PdfPage> {
    const document = await PDFDocument.create();
    document.setTitle(options.title);
    document.setProducer(options.producer);
    document.setCreator(options.producer);
    document.setCreationDate(options.created);
    document.setModificationDate(options.created);
    return new PdfPage(document, document.addPage(options.size), ...options.size);
  }

  /** Prints a text with its baseline at y and returns its box. */
  text(value: string, x: number, y: number, size = 10, typeface: Typeface = 'sans'): Rectangle {
    const font = this.font(typeface);
    this.page.drawText(value, { x, y: this.height - y, size, font, color: rgb(0.08, 0.08, 0.1) });
    this.printed.push(value);
    const width = font.widthOfTextAtSize(value, size);
    return { x, y: y - size * 0.8, width, height: size * 1.05 };
  }

  /** Prints a text that ends at x, like an amount in a column, and returns its box. */
  textRight(
    value: string,
    x: number,
    y: number,
    size = 10,
    typeface: Typeface = 'sans',
  ): Rectangle {
    const width = this.font(typeface).widthOfTextAtSize(value, size);
    return this.text(value, x - width, y, size, typeface);
  }

  /** Prints the text in lines of at most `width` and returns the y below the last line. */
  paragraph(
    value: string,
    x: number,
    y: number,
    width: number,
    size = 11,
    typeface: Typeface = 'serif',
  ): number {
    const font = this.font(typeface);
    let line = '';
    for (const word of [...value.split(' '), '\n']) {
      const longer = line ? `${line} ${word}` : word;
      if (word === '\n' || font.widthOfTextAtSize(longer, size) > width) {
        this.text(line, x, y, size, typeface);
        y += size * 1.45;
        line = word;
      } else {
        line = longer;
      }
    }
    return y;
  }

  paint(area: Rectangle, color: [number, number, number]): void {
    this.page.drawRectangle({
      ...area,
      y: this.height - area.y - area.height,
      color: rgb(...color),
    });
  }

  frame(area: Rectangle, color: [number, number, number] = [0.2, 0.2, 0.2]): void {
    const y = this.height - area.y - area.height;
    this.page.drawRectangle({ ...area, y, borderColor: rgb(...color), borderWidth: 1 });
  }

  circle(x: number, y: number, radius: number, color: [number, number, number]): void {
    this.page.drawCircle({
      x,
      y: this.height - y,
      size: radius,
      borderColor: rgb(...color),
      borderWidth: 2,
      borderOpacity: 0.5,
    });
  }

  /** Draws a wave across the page, as in security printing. */
  wave(y: number, phase: number, color: [number, number, number]): void {
    const points = Array.from({ length: 32 }, (_, i) => {
      const x = (i / 31) * this.width;
      return `${x.toFixed(1)} ${(4 * Math.sin(x / 24 + phase)).toFixed(1)}`;
    });
    this.page.drawSvgPath(`M ${points.join(' L ')}`, {
      x: 0,
      y: this.height - y,
      borderColor: rgb(...color),
      borderWidth: 0.5,
    });
  }

  private font(typeface: Typeface): PDFFont {
    const known = this.fonts.get(typeface);
    if (known) return known;
    const font = this.document.embedStandardFont(typefaces[typeface]);
    this.fonts.set(typeface, font);
    return font;
  }

  addPage(): void {
    this.page = this.document.addPage([this.width, this.height]);
  }

  /** The PDF file. It has no object streams, so that its structure can be read and edited. */
  async bytes(): Promise<Buffer> {
    return Buffer.from(await this.document.save({ useObjectStreams: false }));
  }

  /** The box in fractions of the page, as in the ground truth. */
  fractions({ x, y, width, height }: Rectangle): [number, number, number, number] {
    const across = (value: number) => value / this.width;
    const down = (value: number) => value / this.height;
    return [across(x), down(y), across(x + width), down(y + height)];
  }
}

export const a4: [number, number] = [595, 842];
