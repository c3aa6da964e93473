import {
  jobUrls,
  type Sandbox,
  type SandboxJob,
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
import { type GreyRaster, maximumSide } from '../ocr/recognition.ts';
import { recognizePage, type Recognizer } from '../ocr/recognize-page.ts';
import { languageOf } from '../text/language.ts';
import { type PageReading, readerVersion, type Reading } from '../text/reading.ts';
import { type DocumentSource, pageRaster, type PageRaster } from './page-raster.ts';
import { ProcessorBudget } from './processor-budget.ts';
import { textPage } from './text-page.ts';

export interface ReaderOptions {
  sandbox: Sandbox;
  ocr: OcrPool;
  /** Pages of a document that are recognized at the same time. */
  concurrentPages: number;
  limits?: Partial<DocumentLimits>;
  now?: () => Date;
}

/** A higher resolution does not improve recognition. */
const recognitionDpi = 200;
const recognitionPixels = 12_000_000;
/** Half the maximum of the recognizer: a skewed page is rotated, which makes its raster larger. */
const rasterSide = Math.floor(maximumSide / 2);

/** Reads documents: by their text layer, or by recognition where they have none. */
export class DocumentReader {
  private readonly limits: DocumentLimits;
  private readonly now: () => Date;

  constructor(private readonly options: ReaderOptions) {
    this.limits = { ...documentLimits, ...options.limits };
    this.now = options.now ?? (() => new Date());
  }

  /**
   * Reads the words of every page, with their places.
   * @throws DocumentError; the signal's reason when aborted
   */
  async read(source: DocumentSource, signal?: AbortSignal): Promise<Reading> {
    const pdf = source.mediaType === 'application/pdf';
    const pages = pdf
      ? await this.readPdf(source, signal)
      : [await this.recognize(1, null, this.recognition(source, 1, signal))];
    const text = pages.flatMap(({ words }) => words.map((word) => word.text)).join(' ');
    return {
      version: readerVersion,
      mediaType: source.mediaType,
      language: languageOf(text),
      pages: pages.map(withoutLanguage),
    };
  }

  /** One page as pixels, at most `maximumPixels` of them. @throws DocumentError; the signal's reason when aborted */
  async raster(
    source: DocumentSource,
    args: Pick<RasterArgs, 'page' | 'channels' | 'native' | 'dpi' | 'maximumPixels'>,
    signal?: AbortSignal,
    budget?: ProcessorBudget,
  ): Promise<PageRaster> {
    return pageRaster(
      this.options.sandbox,
      source,
      { ...args, pixels: this.limits.pixels, maximumSide: rasterSide },
      {
        processorMs: budget ? budget.allow(this.limits.rasterMs) : this.limits.rasterMs,
        ...this.queueing(source, signal),
        ...(budget && { onSpent: (ms: number) => budget.spend(ms) }),
      },
    );
  }

  private async readPdf(
    source: DocumentSource,
    signal: AbortSignal | undefined,
  ): Promise<PageReading[]> {
    const { value } = await this.options.sandbox.run({
      kind: 'pdf',
      job: jobUrls.readPdf,
      args: null,
      document: () => source.open(),
      processorMs: parseLimit(this.limits, source.pages ?? this.limits.pages),
      ...this.queueing(source, signal),
    });
    const texts: PdfPageText[] = parseUntrusted(PdfPages, value);
    if (texts.length === 0) {
      throw new DocumentError('DOCUMENT_UNREADABLE', 'no page of the PDF can be opened');
    }
    const pages = texts.map((text) => textPage(text));
    const scanned = texts.filter((text, i) => text.painted && !isReadable(text, pages[i]!));
    const task = this.recognition(source, texts.length, signal);
    const recognized = await this.recognizeAll(scanned, task);
    return pages.map((page) => recognized.get(page.page) ?? page);
  }

  /** Recognizes the first page, which determines the language, and then the others, several at the same time. */
  private async recognizeAll(
    pages: PdfPageText[],
    task: RecognitionTask,
  ): Promise<Map<number, PageReading>> {
    const found = new Map<number, PageReading>();
    const [first, ...others] = pages;
    if (!first) return found;
    const firstPage = await this.recognize(first.page, null, task);
    found.set(first.page, firstPage);
    const waiting = [...others];
    // The first page that fails aborts the others: a document is read completely or not at all.
    const failing = new AbortController();
    const signal = task.signal ? AbortSignal.any([task.signal, failing.signal]) : failing.signal;
    const next = async () => {
      for (let page = waiting.shift(); page; page = waiting.shift()) {
        const { recognizedAs } = firstPage;
        found.set(page.page, await this.recognize(page.page, recognizedAs, { ...task, signal }));
      }
    };
    const all = Array.from({ length: this.options.concurrentPages }, next);
    try {
      await Promise.all(all);
    } catch (error) {
      failing.abort(error);
      await Promise.allSettled(all);
      throw error;
    }
    return found;
  }

  private recognition(
    source: DocumentSource,
    pages: number,
    signal?: AbortSignal,
  ): RecognitionTask {
    return { source, signal, budget: new ProcessorBudget(readLimit(this.limits, pages)) };
  }

  private async recognize(
    page: number,
    language: OcrLanguage | null,
    { source, budget, signal }: RecognitionTask,
  ) {
    const args = { page, channels: 1, native: false, dpi: recognitionDpi } as const;
    const raster = await this.raster(
      source,
      { ...args, maximumPixels: recognitionPixels },
      signal,
      budget,
    );
    const budgeted: Recognizer = {
      recognize: (part, options) =>
        this.options.ocr.recognize(part, {
          ...options,
          processorMs: budget.allow(options.processorMs),
          onSpent: (ms) => budget.spend(ms),
        }),
    };
    return recognizePage(budgeted, {
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

  /** Jobs of a reader always wait in the queue: the number of documents that are read limits them. */
  private queueing({ organizationId }: DocumentSource, signal: AbortSignal | undefined) {
    const { wallMs } = this.limits;
    return { organizationId, alwaysWaits: true, wallMs, signal } satisfies Partial<SandboxJob>;
  }
}

/** What the recognitions of one document share. */
interface RecognitionTask {
  source: DocumentSource;
  budget: ProcessorBudget;
  signal: AbortSignal | undefined;
}

/** Wide pictures are usually cards, passports and photographs, not pages of lines. */
const isCard = ({ mediaType }: DocumentSource, { width, height }: GreyRaster): boolean =>
  mediaType !== 'application/pdf' && width > height * 1.15;

const withoutLanguage = ({
  page,
  source,
  dpi,
  rotation,
  aspect,
  words,
  zone,
}: PageReading): PageReading => ({
  page,
  source,
  dpi,
  rotation,
  aspect,
  words,
  zone,
});

/** A text layer with fewer characters does not represent the page. */
const minimumCharacters = 25;

/** Whether the text layer represents the page: it is long enough and its characters have Unicode values. */
function isReadable(text: PdfPageText, page: PageReading): boolean {
  const characters = page.words.reduce((sum, word) => sum + word.text.length, 0);
  return characters >= minimumCharacters && text.unmapped < characters * 0.3;
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
