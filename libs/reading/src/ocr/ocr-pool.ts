import { DocumentError } from '@casewire/sandbox';

import { languageFolder, type OcrLanguage } from './language-data.ts';
import { OcrWorker } from './ocr-worker.ts';
import type { GreyRaster, Recognition, RecognitionOptions } from './recognition.ts';
import { RecognitionFailed, RecognizerBroken } from './recognizer-error.ts';

/** How often the recognition of a raster is started. */
const maximumTries = 2;

/** A pool of OCR workers, each in a thread of its own. They receive rasters that this project rendered, never untrusted files. */
export class OcrPool {
  private folder: ReturnType<typeof languageFolder> | undefined;
  /** Free places; a worker is started when its place is first needed. */
  private readonly free: (OcrWorker | null)[];
  private readonly queue: ((worker: OcrWorker | null) => void)[] = [];
  private stopped = false;

  /** @param size number of workers, about 210 MB each */
  constructor(size: number) {
    this.free = Array.from({ length: size }, () => null);
  }

  /**
   * Reads the words of a raster.
   * @throws DocumentError DOCUMENT_TOO_SLOW (its processor time was used up), DOCUMENT_UNREADABLE (the recognizer failed on it
   *   each time); RecognizerBroken where the machine is at fault; the signal's reason when aborted
   */
  async recognize(raster: GreyRaster, options: RecognitionOptions): Promise<Recognition> {
    const place = { worker: await this.acquire() };
    try {
      return await this.recognizeWithRetries(place, raster, options);
    } finally {
      place.worker?.keepProcessAlive(false);
      this.release(place.worker);
    }
  }

  /** Ends the workers; running recognitions fail. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const worker of this.free.splice(0)) await worker?.end();
    (await this.folder)?.remove();
  }

  private async recognizeWithRetries(
    place: { worker: OcrWorker | null },
    raster: GreyRaster,
    options: RecognitionOptions,
  ): Promise<Recognition> {
    for (let tries = 1; ; tries++) {
      try {
        options.signal?.throwIfAborted();
        place.worker?.keepProcessAlive(true);
        place.worker = await this.prepared(place.worker, options.language);
        return await place.worker.recognize(raster, options);
      } catch (error) {
        // The state of the worker is unknown: the next page gets a new one.
        const { worker } = place;
        place.worker = null;
        await worker?.end();
        const retriable = error instanceof RecognizerBroken || error instanceof RecognitionFailed;
        if (!retriable) throw error;
        if (tries < maximumTries) continue;
        throw error instanceof RecognitionFailed ? unreadable() : error;
      }
    }
  }

  private async prepared(worker: OcrWorker | null, language: OcrLanguage): Promise<OcrWorker> {
    if (worker) return worker.withLanguage(language);
    this.folder ??= languageFolder();
    const { path } = await this.folder;
    return OcrWorker.start(path, language);
  }

  private acquire(): Promise<OcrWorker | null> {
    if (this.stopped) return Promise.reject(new Error('the OCR workers were stopped'));
    if (this.free.length > 0) return Promise.resolve(this.free.shift()!);
    return new Promise((resolve) => this.queue.push(resolve));
  }

  private release(worker: OcrWorker | null): void {
    const next = this.queue.shift();
    if (next) next(worker);
    else if (this.stopped) void worker?.end();
    // A started worker comes first: the next page does not wait for a start.
    else if (worker) this.free.unshift(worker);
    else this.free.push(worker);
  }
}

const unreadable = () =>
  new DocumentError(
    'DOCUMENT_UNREADABLE',
    'the document cannot be read: a page cannot be recognized',
  );
