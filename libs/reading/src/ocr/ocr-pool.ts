import { DocumentError } from '@casewire/sandbox';

import { languageFolder, type OcrLanguage } from './language-data.ts';
import type { GreyRaster, Recognition, RecognitionOptions } from './recognition.ts';
import { RecognitionFailed, RecognizerBroken } from './recognizer-error.ts';
import { Seat } from './seat.ts';

/** How often a raster is begun that the machine, or the recognizer, does not let come to its end. */
const mostTries = 2;

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
   * @throws DocumentError DOCUMENT_TOO_SLOW (its processor time was used), DOCUMENT_UNREADABLE (the recognizer fails over
   *   it, each time); RecognizerBroken where the machine is at fault; the signal's reason when aborted
   */
  async recognize(raster: GreyRaster, options: RecognitionOptions): Promise<Recognition> {
    const place = { seat: await this.acquire() };
    try {
      return await this.attempts(place, raster, options);
    } finally {
      place.seat?.hold(false);
      this.release(place.seat);
    }
  }

  /** Ends the workers; pages under way fail. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const seat of this.free.splice(0)) await seat?.end();
    (await this.folder)?.remove();
  }

  private async attempts(
    place: { seat: Seat | null },
    raster: GreyRaster,
    options: RecognitionOptions,
  ): Promise<Recognition> {
    for (let tries = 1; ; tries++) {
      try {
        options.signal?.throwIfAborted();
        place.seat?.hold(true);
        place.seat = await this.seated(place.seat, options.language);
        return await place.seat.recognize(raster, options);
      } catch (error) {
        // Whatever state the worker is in, the next page gets a fresh one.
        const { seat } = place;
        place.seat = null;
        await seat?.end();
        const again = error instanceof RecognizerBroken || error instanceof RecognitionFailed;
        if (!again) throw error;
        if (tries < mostTries) continue;
        throw error instanceof RecognitionFailed ? unreadable() : error;
      }
    }
  }

  private async seated(seat: Seat | null, language: OcrLanguage): Promise<Seat> {
    if (seat) return seat.speaking(language);
    this.folder ??= languageFolder();
    const { path } = await this.folder;
    return Seat.start(path, language);
  }

  private acquire(): Promise<Seat | null> {
    if (this.stopped) return Promise.reject(new Error('the recognizers were stopped'));
    if (this.free.length > 0) return Promise.resolve(this.free.shift()!);
    return new Promise((resolve) => this.queue.push(resolve));
  }

  private release(seat: Seat | null): void {
    const next = this.queue.shift();
    if (next) next(seat);
    else if (this.stopped) void seat?.end();
    // Warm ones first: the next page should not wait for a start.
    else if (seat) this.free.unshift(seat);
    else this.free.push(seat);
  }
}

const unreadable = () =>
  new DocumentError(
    'DOCUMENT_UNREADABLE',
    'the document cannot be read: a page cannot be recognized',
  );
