import type { Readable } from 'node:stream';

import { MediaType } from '@casewire/contracts';
import { z } from 'zod';

import type { Containment } from '../containment/containment.ts';
import { DocumentError } from '../document-error.ts';
import type { RasterArgs } from '../jobs/raster.job.ts';
import type { PdfPageText } from '../jobs/read-pdf.job.ts';
import { documentLimits, type DocumentLimits } from '../limits.ts';
import type { OcrLanguage } from '../ocr/language-data.ts';
import type { OcrPool } from '../ocr/ocr-pool.ts';
import type { GreyRaster } from '../ocr/recognition.ts';
import { recognizePage } from '../ocr/recognize-page.ts';
import { languageOf } from './language.ts';
import { type PageReading, readerVersion, type Reading } from './reading.ts';
import { textPage } from './text-page.ts';

export interface ReaderOptions {
  containment: Containment;
  ocr: OcrPool;
  /** Pages that are recognized at once. */
  pagesAtOnce: number;
  limits?: Partial<DocumentLimits>;
  now?: () => Date;
}

export interface DocumentSource {
  mediaType: MediaType;
  /** The document from its start; asked for once per contained child. */
  open(): Promise<Readable>;
}

const RasterFacts = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  dpi: z.number().positive(),
});
export type PageRaster = z.infer<typeof RasterFacts> & { pixels: Uint8Array };

/** Recognition gains nothing from more. */
const recognitionDpi = 200;
const recognitionPixels = 12_000_000;

/** Reads documents: text layers where they are, recognition where they are not. */
export class DocumentReader {
  private readonly limits: DocumentLimits;
  private readonly now: () => Date;

  constructor(private readonly options: ReaderOptions) {
    this.limits = { ...documentLimits, ...options.limits };
    this.now = options.now ?? (() => new Date());
  }

  /**
   * Words with their places, of every page.
   * @throws DocumentError; the signal's reason when aborted
   */
  async read(source: DocumentSource, signal?: AbortSignal): Promise<Reading> {
    const budget = AbortSignal.timeout(this.limits.readMs);
    const both = signal ? AbortSignal.any([signal, budget]) : budget;
    try {
      const pages =
        source.mediaType === 'application/pdf'
          ? await this.readPdf(source, both)
          : [await this.recognize(source, 1, null, both)];
      const text = pages.flatMap(({ words }) => words.map((word) => word.text)).join(' ');
      const language = languageOf(text);
      return {
        version: readerVersion,
        mediaType: source.mediaType,
        language,
        pages: pages.map(plain),
      };
    } catch (error) {
      if (budget.aborted && !signal?.aborted) {
        throw new DocumentError('DOCUMENT_TOO_SLOW', 'the document took too long to be read');
      }
      throw error;
    }
  }

  /** One page as pixels of our own making, at most `largest` of them. */
  async raster(
    source: DocumentSource,
    wanted: Pick<RasterArgs, 'page' | 'channels' | 'native' | 'dpi' | 'largest'>,
    signal?: AbortSignal,
  ): Promise<PageRaster> {
    const pdf = source.mediaType === 'application/pdf';
    const { value, blobs } = await this.options.containment.run({
      kind: pdf ? 'pdf' : 'image',
      job: new URL('../jobs/raster.job.ts', import.meta.url),
      args: { ...wanted, mediaType: source.mediaType, pixels: this.limits.pixels },
      document: await source.open(),
      timeoutMs: this.limits.rasterMs,
      signal,
    });
    const facts = understood(RasterFacts, value);
    const pixels = blobs[0];
    if (pixels?.length !== facts.width * facts.height * facts.channels) {
      throw new DocumentError('DOCUMENT_UNREADABLE', 'a page gave no whole raster');
    }
    return { ...facts, pixels };
  }

  private async readPdf(source: DocumentSource, signal: AbortSignal): Promise<PageReading[]> {
    const { value } = await this.options.containment.run({
      kind: 'pdf',
      job: new URL('../jobs/read-pdf.job.ts', import.meta.url),
      args: null,
      document: await source.open(),
      timeoutMs: this.limits.parseMs,
      signal,
    });
    const texts: PdfPageText[] = understood(PdfPages, value);
    if (texts.length === 0) {
      throw new DocumentError('DOCUMENT_UNREADABLE', 'no page of the PDF can be opened');
    }
    const pages = texts.map((text) => textPage(text));
    const scanned = texts.filter((text, i) => text.painted && !isReadable(text, pages[i]!));
    const recognized = await this.recognizeAll(source, scanned, signal);
    return pages.map((page) => recognized.get(page.page) ?? page);
  }

  /** The first page finds the language out; the others follow it, several at once. */
  private async recognizeAll(
    source: DocumentSource,
    pages: PdfPageText[],
    signal: AbortSignal,
  ): Promise<Map<number, PageReading>> {
    const found = new Map<number, PageReading>();
    const [first, ...others] = pages;
    if (!first) return found;
    const opening = await this.recognize(source, first.page, null, signal);
    found.set(first.page, opening);
    const waiting = [...others];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const page = await this.recognize(source, next.page, opening.recognizedAs, signal);
        found.set(next.page, page);
      }
    };
    await Promise.all(Array.from({ length: this.options.pagesAtOnce }, work));
    return found;
  }

  private async recognize(
    source: DocumentSource,
    page: number,
    language: OcrLanguage | null,
    signal: AbortSignal,
  ) {
    const raster = await this.raster(
      source,
      { page, channels: 1, native: false, dpi: recognitionDpi, largest: recognitionPixels },
      signal,
    );
    return recognizePage(this.options.ocr, {
      page,
      raster: raster satisfies GreyRaster,
      dpi: raster.dpi,
      layout: isCard(source, raster) ? 'sparse' : 'page',
      language,
      timeoutMs: this.limits.recognizePageMs,
      signal,
      today: this.now(),
    });
  }
}

/** What a child answered, where it is what was asked for; a child that answers otherwise was led astray by its document. */
function understood<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DocumentError('DOCUMENT_UNREADABLE', 'the document cannot be read: reading it failed');
}

/** Pictures that lie wide are cards, passports and photographs rather than pages of lines. */
const isCard = ({ mediaType }: DocumentSource, { width, height }: GreyRaster): boolean =>
  mediaType !== 'application/pdf' && width > height * 1.15;

const plain = ({ page, source, dpi, rotation, aspect, words, zone }: PageReading): PageReading => ({
  page,
  source,
  dpi,
  rotation,
  aspect,
  words,
  zone,
});

const fewestCharacters = 25;

/** Whether the text layer can stand for the page: enough of it, and its characters have meanings. */
function isReadable(text: PdfPageText, page: PageReading): boolean {
  const characters = page.words.reduce((sum, word) => sum + word.text.length, 0);
  return characters >= fewestCharacters && text.unmapped < characters * 0.3;
}

const fraction = z.number();
const PdfPages = z.array(
  z.object({
    page: z.int().positive(),
    width: z.number().positive(),
    height: z.number().positive(),
    words: z.array(
      z.object({
        text: z.string(),
        box: z.tuple([fraction, fraction, fraction, fraction]),
        font: z.object({ name: z.string(), size: z.number() }),
      }),
    ),
    unmapped: z.int().nonnegative(),
    painted: z.boolean(),
  }),
);
