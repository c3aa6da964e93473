import type { Worker as Thread } from 'node:worker_threads';

import { DocumentError, LimitWatch } from '@casewire/sandbox';
import { createWorker, OEM, type Worker } from 'tesseract.js';

import type { OcrLanguage } from './language-data.ts';
import {
  type GreyRaster,
  layouts,
  type Recognition,
  type RecognitionOptions,
  recognitionOf,
} from './recognition.ts';
import { RecognitionFailed, RecognizerBroken } from './recognizer-error.ts';

/** One recognizer in a thread of its own. */
export class Seat {
  private readonly thread: Thread;
  /** Rejects when the thread ends by itself. */
  private readonly lost = Promise.withResolvers<never>();

  private constructor(
    private readonly worker: Worker,
    readonly language: OcrLanguage,
  ) {
    this.thread = (worker as Worker & { worker: Thread }).worker;
    const lose = (why: unknown) => this.lost.reject(new RecognizerBroken(String(why)));
    // Without a listener an error of the thread would end the process.
    this.thread.on('error', lose);
    this.thread.once('exit', () => lose('its thread ended'));
    this.lost.promise.catch(() => undefined);
  }

  /** @throws RecognizerBroken */
  static async start(langPath: string, language: OcrLanguage): Promise<Seat> {
    try {
      return new Seat(await started(langPath, language), language);
    } catch (error) {
      throw new RecognizerBroken((error as Error).message, { cause: error });
    }
  }

  /** The same thread with another language. @throws RecognizerBroken */
  async speaking(language: OcrLanguage): Promise<Seat> {
    if (language === this.language) return this;
    try {
      await Promise.race([this.worker.reinitialize(language), this.lost.promise]);
    } catch (error) {
      throw new RecognizerBroken(String(error), { cause: error });
    }
    return new Seat(this.worker, language);
  }

  /** An idle thread must not keep the process from ending. */
  hold(needed: boolean): void {
    if (needed) this.thread.ref();
    else this.thread.unref();
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  /**
   * Reads a raster. After a failure the recognizer is not to be used again.
   * @throws DocumentError DOCUMENT_TOO_SLOW (its processor time was used); RecognizerBroken; RecognitionFailed; the signal's
   *   reason when aborted
   */
  async recognize(raster: GreyRaster, options: RecognitionOptions): Promise<Recognition> {
    const { signal, processorMs, wallMs, onSpent } = options;
    signal?.throwIfAborted();
    let givenUp = false;
    const ended = Promise.withResolvers<never>();
    const abort = () => ended.reject(signal!.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const watch = new LimitWatch({
      processor: () => this.processorMs(),
      processorMs,
      wallMs,
      exceeded: (limit) => ended.reject(limit === 'processor' ? tooSlow() : overdue()),
    });
    try {
      const wanted = () => !givenUp;
      const result = await Promise.race([
        this.recognized(raster, options, wanted),
        this.lost.promise,
        ended.promise,
      ]);
      await Promise.race([watch.stop(), this.lost.promise]);
      return result;
    } finally {
      givenUp = true;
      watch.end();
      onSpent?.(watch.spentMs);
      signal?.removeEventListener('abort', abort);
    }
  }

  private async processorMs(): Promise<number> {
    const { user, system } = await this.thread.cpuUsage();
    return (user + system) / 1000;
  }

  private async recognized(
    raster: GreyRaster,
    options: RecognitionOptions,
    wanted: () => boolean,
  ): Promise<Recognition> {
    try {
      await this.worker.setParameters({
        tessedit_pageseg_mode: layouts[options.layout],
        tessedit_char_whitelist: options.alphabet ?? '',
        user_defined_dpi: String(Math.round(options.dpi)),
      });
      // A worker that was ended meanwhile must not be spoken to: the package would reject where nobody listens.
      if (!wanted()) throw new Error('the page was given up');
      const { data } = await this.worker.recognize(portableGreymap(raster), {}, { blocks: true });
      return recognitionOf(data.blocks ?? []);
    } catch (error) {
      throw new RecognitionFailed(String(error), { cause: error });
    }
  }
}

const tooSlow = () =>
  new DocumentError('DOCUMENT_TOO_SLOW', 'a page took too long to be recognized');
const overdue = () => new RecognizerBroken('its time ran out');

/** A worker that has its language. The package tells a failed start to its handler only, and throws where there is none. */
async function started(langPath: string, language: OcrLanguage): Promise<Worker> {
  const failed = Promise.withResolvers<never>();
  const errorHandler = (error: unknown) => failed.reject(new Error(String(error)));
  const threads: Thread[] = [];
  // A thread that fails before the package gives it out would end the process: nobody listens to it yet.
  const born = (thread: Thread) => {
    threads.push(thread);
    thread.on('error', errorHandler);
  };
  process.on('worker', born);
  try {
    const options = { langPath, cacheMethod: 'none', gzip: true, errorHandler };
    return await Promise.race([createWorker([language], OEM.LSTM_ONLY, options), failed.promise]);
  } finally {
    process.off('worker', born);
    // Whoever got the worker listens from the next turn on.
    setImmediate(() => threads.forEach((thread) => thread.off('error', errorHandler)));
  }
}

/** The simplest image format there is (Netpbm P5): no encoder and no decoder to speak of. */
function portableGreymap({ pixels, width, height }: GreyRaster): Buffer {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]);
}
