import type { Worker as Thread } from 'node:worker_threads';

import { createWorker, OEM, type Worker } from 'tesseract.js';

import { DocumentError } from '../document-error.ts';
import { languageFolder, type OcrLanguage } from './language-data.ts';
import {
  type GreyRaster,
  layouts,
  type Recognition,
  type RecognitionOptions,
  recognitionOf,
} from './recognition.ts';

interface Seat {
  worker: Worker;
  language: OcrLanguage;
}

type Threaded = Worker & { worker: Thread };

/** Warm recognizers, each in a thread of its own. They get rasters of our own making only. */
export class OcrPool {
  private folder: ReturnType<typeof languageFolder> | undefined;
  /** Free places; a place without a worker gets one when it is first needed. */
  private readonly free: (Seat | null)[];
  private readonly queue: ((seat: Seat | null) => void)[] = [];
  private stopped = false;

  /** @param size how many pages are recognized at once; about 210 MB each */
  constructor(size: number) {
    this.free = Array.from({ length: size }, () => null);
  }

  /**
   * Reads the words of a raster.
   * @throws DocumentError DOCUMENT_TOO_SLOW; the signal's reason when aborted
   */
  async recognize(raster: GreyRaster, options: RecognitionOptions): Promise<Recognition> {
    const place = await this.acquire();
    let seat: Seat | null = place;
    try {
      options.signal?.throwIfAborted();
      if (place) hold(place, true);
      seat = await this.seated(place, options.language);
      return await this.within(seat, raster, options);
    } catch (error) {
      // Whatever state the worker is in, the next page gets a fresh one.
      if (seat) await seat.worker.terminate();
      seat = null;
      throw error;
    } finally {
      if (seat) hold(seat, false);
      this.release(seat);
    }
  }

  /** Ends the workers; pages under way fail. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const seat of this.free.splice(0)) await seat?.worker.terminate();
    await (await this.folder)?.remove();
  }

  private async within(seat: Seat, raster: GreyRaster, options: RecognitionOptions) {
    options.signal?.throwIfAborted();
    let givenUp = false;
    const ended = Promise.withResolvers<never>();
    const tooSlow = () =>
      ended.reject(new DocumentError('DOCUMENT_TOO_SLOW', 'a page took too long to be recognized'));
    const timer = setTimeout(tooSlow, options.timeoutMs);
    const abort = () => ended.reject(options.signal!.reason);
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      const wanted = () => !givenUp;
      return await Promise.race([recognized(seat, raster, options, wanted), ended.promise]);
    } finally {
      givenUp = true;
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    }
  }

  private async seated(seat: Seat | null, language: OcrLanguage): Promise<Seat> {
    if (seat?.language === language) return seat;
    if (seat) {
      await seat.worker.reinitialize(language);
      return { worker: seat.worker, language };
    }
    this.folder ??= languageFolder();
    const { path } = await this.folder;
    return { worker: await started(path, language), language };
  }

  private acquire(): Promise<Seat | null> {
    if (this.stopped) return Promise.reject(new Error('the recognizers were stopped'));
    if (this.free.length > 0) return Promise.resolve(this.free.shift()!);
    return new Promise((resolve) => this.queue.push(resolve));
  }

  private release(seat: Seat | null): void {
    const next = this.queue.shift();
    if (next) next(seat);
    else if (this.stopped) void seat?.worker.terminate();
    // Warm ones first: the next page should not wait for a start.
    else if (seat) this.free.unshift(seat);
    else this.free.push(seat);
  }
}

/** A worker that has its language. The package tells a failed start to its handler only, and throws where there is none. */
const started = (langPath: string, language: OcrLanguage): Promise<Worker> =>
  new Promise((resolve, reject) => {
    const errorHandler = (error: unknown) => reject(new Error(String(error)));
    const options = { langPath, cacheMethod: 'none', gzip: true, errorHandler };
    createWorker([language], OEM.LSTM_ONLY, options).then(resolve, reject);
  });

async function recognized(
  { worker }: Seat,
  raster: GreyRaster,
  options: RecognitionOptions,
  wanted: () => boolean,
): Promise<Recognition> {
  await worker.setParameters({
    tessedit_pageseg_mode: layouts[options.layout],
    tessedit_char_whitelist: options.alphabet ?? '',
    user_defined_dpi: String(Math.round(options.dpi)),
  });
  // A worker that was ended meanwhile must not be spoken to: the package would reject where nobody listens.
  if (!wanted()) throw new Error('the page was given up');
  const { data } = await worker.recognize(portableGreymap(raster), {}, { blocks: true });
  return recognitionOf(data.blocks ?? []);
}

/** The simplest image format there is (Netpbm P5): no encoder and no decoder to speak of. */
function portableGreymap({ pixels, width, height }: GreyRaster): Buffer {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]);
}

/** An idle thread must not keep the process from ending. */
function hold({ worker }: Seat, needed: boolean): void {
  const thread = (worker as Threaded).worker;
  if (needed) thread.ref();
  else thread.unref();
}
