import type { Readable } from 'node:stream';

import { MediaType } from '@casewire/contracts';
import {
  jobAddresses,
  type Sandbox,
  DocumentError,
  type RasterArgs,
  type PdfPageText,
  documentLimits,
  type DocumentLimits,
  parseLimit,
  parseUntrusted,
  readLimit,
} from '@casewire/sandbox';
import { z } from 'zod';

import type { OcrLanguage } from '../ocr/language-data.ts';
import type { OcrPool } from '../ocr/ocr-pool.ts';
import { type GreyRaster, longestSide } from '../ocr/recognition.ts';
import { recognizePage, type Recognizer } from '../ocr/recognize-page.ts';
import { languageOf } from './language.ts';
import { ProcessorBudget } from './processor-budget.ts';
import { type PageReading, readerVersion, type Reading } from './reading.ts';
import { textPage } from './text-page.ts';

export interface ReaderOptions {
  containment: Sandbox;
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
  /** Whose it is: organizations take turns. */
  organizationId?: string;
  /** How many pages it has, where that is known: the processor time that it may use grows with them. */
  pages?: number;
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
/** Half of what the recognizer takes: a page that lies askew is turned, and grows. */
const rasterSide = Math.floor(longestSide / 2);

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
    const pdf = source.mediaType === 'application/pdf';
    const pages = pdf
      ? await this.readPdf(source, signal)
      : [await this.recognize(1, null, this.work(source, 1, signal))];
    const text = pages.flatMap(({ words }) => words.map((word) => word.text)).join(' ');
    return {
      version: readerVersion,
      mediaType: source.mediaType,
      language: languageOf(text),
      pages: pages.map(plain),
    };
  }

  /** One page as pixels of our own making, at most `largest` of them. */
  async raster(
    source: DocumentSource,
    wanted: Pick<RasterArgs, 'page' | 'channels' | 'native' | 'dpi' | 'largest'>,
    signal?: AbortSignal,
    budget?: ProcessorBudget,
  ): Promise<PageRaster> {
    const pdf = source.mediaType === 'application/pdf';
    const { value, blobs } = await this.options.containment.run({
      kind: pdf ? 'pdf' : 'image',
      job: jobAddresses.raster,
      args: {
        ...wanted,
        mediaType: source.mediaType,
        pixels: this.limits.pixels,
        longest: rasterSide,
      } satisfies RasterArgs,
      document: () => source.open(),
      processorMs: budget ? budget.allow(this.limits.rasterMs) : this.limits.rasterMs,
      ...this.turn(source, signal),
      ...(budget && { onSpent: (ms: number) => budget.spend(ms) }),
    });
    const facts = parseUntrusted(RasterFacts, value);
    const pixels = blobs[0];
    if (pixels?.length !== facts.width * facts.height * facts.channels) {
      throw new DocumentError('DOCUMENT_UNREADABLE', 'a page gave no whole raster');
    }
    return { ...facts, pixels };
  }

  private async readPdf(
    source: DocumentSource,
    signal: AbortSignal | undefined,
  ): Promise<PageReading[]> {
    const { value } = await this.options.containment.run({
      kind: 'pdf',
      job: jobAddresses.readPdf,
      args: null,
      document: () => source.open(),
      processorMs: parseLimit(this.limits, source.pages ?? this.limits.pages),
      ...this.turn(source, signal),
    });
    const texts: PdfPageText[] = parseUntrusted(PdfPages, value);
    if (texts.length === 0) {
      throw new DocumentError('DOCUMENT_UNREADABLE', 'no page of the PDF can be opened');
    }
    const pages = texts.map((text) => textPage(text));
    const scanned = texts.filter((text, i) => text.painted && !isReadable(text, pages[i]!));
    const work = this.work(source, texts.length, signal);
    const recognized = await this.recognizeAll(scanned, work);
    return pages.map((page) => recognized.get(page.page) ?? page);
  }

  /** The first page finds the language out; the others follow it, several at once. */
  private async recognizeAll(
    pages: PdfPageText[],
    work: Recognizing,
  ): Promise<Map<number, PageReading>> {
    const found = new Map<number, PageReading>();
    const [first, ...others] = pages;
    if (!first) return found;
    const opening = await this.recognize(first.page, null, work);
    found.set(first.page, opening);
    const waiting = [...others];
    // The first page that fails ends the others: the document is read whole or not at all.
    const failing = new AbortController();
    const signal = work.signal ? AbortSignal.any([work.signal, failing.signal]) : failing.signal;
    const next = async () => {
      for (let page = waiting.shift(); page; page = waiting.shift()) {
        const { recognizedAs } = opening;
        found.set(page.page, await this.recognize(page.page, recognizedAs, { ...work, signal }));
      }
    };
    const all = Array.from({ length: this.options.pagesAtOnce }, next);
    try {
      await Promise.all(all);
    } catch (error) {
      failing.abort(error);
      await Promise.allSettled(all);
      throw error;
    }
    return found;
  }

  private work(source: DocumentSource, pages: number, signal?: AbortSignal): Recognizing {
    return { source, signal, budget: new ProcessorBudget(readLimit(this.limits, pages)) };
  }

  private async recognize(
    page: number,
    language: OcrLanguage | null,
    { source, budget, signal }: Recognizing,
  ) {
    const wanted = { page, channels: 1, native: false, dpi: recognitionDpi } as const;
    const raster = await this.raster(
      source,
      { ...wanted, largest: recognitionPixels },
      signal,
      budget,
    );
    const within: Recognizer = {
      recognize: (part, options) =>
        this.options.ocr.recognize(part, {
          ...options,
          processorMs: budget.allow(options.processorMs),
          onSpent: (ms) => budget.spend(ms),
        }),
    };
    return recognizePage(within, {
      page,
      raster: raster satisfies GreyRaster,
      dpi: raster.dpi,
      layout: isCard(source, raster) ? 'sparse' : 'page',
      language,
      processorMs: this.limits.recognizePageMs,
      wallMs: this.limits.wallMs,
      signal,
      today: this.now(),
    });
  }

  /** How a reader waits: its jobs are as many as its documents, so that the queue need not be bounded for them. */
  private turn({ organizationId }: DocumentSource, signal: AbortSignal | undefined) {
    return { organizationId, insists: true, wallMs: this.limits.wallMs, signal };
  }
}

/** What the recognition of one document's pages has in common. */
interface Recognizing {
  source: DocumentSource;
  budget: ProcessorBudget;
  signal: AbortSignal | undefined;
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
