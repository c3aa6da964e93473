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

/** One recognizer (tesseract) in a thread of its own. */
export class OcrWorker {
  private readonly thread: Thread;
  /** Rejects when the thread ends by itself. */
  private readonly failed = Promise.withResolvers<never>();

  private constructor(
    private readonly worker: Worker,
    readonly language: OcrLanguage,
  ) {
    this.thread = (worker as Worker & { worker: Thread }).worker;
    const fail = (reason: unknown) => this.failed.reject(new RecognizerBroken(String(reason)));
    // An error of the thread without a listener would end the process.
    this.thread.on('error', fail);
    this.thread.once('exit', () => fail('its thread ended'));
    this.failed.promise.catch(() => undefined);
  }

  /** @throws RecognizerBroken */
  static async start(langPath: string, language: OcrLanguage): Promise<OcrWorker> {
    try {
      return new OcrWorker(await started(langPath, language), language);
    } catch (error) {
      throw new RecognizerBroken((error as Error).message, { cause: error });
    }
  }

  /** The worker with this language, in the same thread. @throws RecognizerBroken */
  async withLanguage(language: OcrLanguage): Promise<OcrWorker> {
    if (language === this.language) return this;
    try {
      await Promise.race([this.worker.reinitialize(language), this.failed.promise]);
    } catch (error) {
      throw new RecognizerBroken(String(error), { cause: error });
    }
    return new OcrWorker(this.worker, language);
  }

  /** Whether the thread keeps the process alive: it does only while it is used. */
  keepProcessAlive(needed: boolean): void {
    if (needed) this.thread.ref();
    else this.thread.unref();
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  /**
   * Reads a raster. Do not use the worker again after a failure.
   * @throws DocumentError DOCUMENT_TOO_SLOW (its processor time was used up); RecognizerBroken; RecognitionFailed; the signal's
   *   reason when aborted
   */
  async recognize(raster: GreyRaster, options: RecognitionOptions): Promise<Recognition> {
    const { signal, processorMs, wallMs, onSpent } = options;
    signal?.throwIfAborted();
    let abandoned = false;
    const stopped = Promise.withResolvers<never>();
    const abort = () => stopped.reject(signal!.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const watch = new LimitWatch({
      processor: () => this.processorMs(),
      processorMs,
      wallMs,
      exceeded: (limit) => stopped.reject(limit === 'processor' ? tooSlow() : timedOut()),
    });
    try {
      const isNeeded = () => !abandoned;
      const result = await Promise.race([
        this.recognized(raster, options, isNeeded),
        this.failed.promise,
        stopped.promise,
      ]);
      await Promise.race([watch.stop(), this.failed.promise]);
      return result;
    } finally {
      abandoned = true;
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
    isNeeded: () => boolean,
  ): Promise<Recognition> {
    try {
      await this.worker.setParameters({
        tessedit_pageseg_mode: layouts[options.layout],
        tessedit_char_whitelist: options.alphabet ?? '',
        user_defined_dpi: String(Math.round(options.dpi)),
      });
      // A call to an ended worker would reject a promise of the package that has no listener.
      if (!isNeeded()) throw new Error('the page was abandoned');
      const { data } = await this.worker.recognize(portableGreymap(raster), {}, { blocks: true });
      return recognitionOf(data.blocks ?? []);
    } catch (error) {
      throw new RecognitionFailed(String(error), { cause: error });
    }
  }
}

const tooSlow = () =>
  new DocumentError('DOCUMENT_TOO_SLOW', 'a page took too long to be recognized');
const timedOut = () => new RecognizerBroken('its time ran out');

/** Starts a worker. The package reports a failed start to its error handler only, and throws where there is none. */
async function started(langPath: string, language: OcrLanguage): Promise<Worker> {
  const failed = Promise.withResolvers<never>();
  const errorHandler = (error: unknown) => failed.reject(new Error(String(error)));
  const threads: Thread[] = [];
  // Until the package returns the thread, its errors have no listener and would end the process.
  const onThread = (thread: Thread) => {
    threads.push(thread);
    thread.on('error', errorHandler);
  };
  process.on('worker', onThread);
  try {
    const options = { langPath, cacheMethod: 'none', gzip: true, errorHandler };
    return await Promise.race([createWorker([language], OEM.LSTM_ONLY, options), failed.promise]);
  } finally {
    process.off('worker', onThread);
    // The new worker has a listener of its own from the next turn on.
    setImmediate(() => threads.forEach((thread) => thread.off('error', errorHandler)));
  }
}

/** The raster as a portable greymap (Netpbm P5): this format needs no encoder. */
function portableGreymap({ pixels, width, height }: GreyRaster): Buffer {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]);
}
