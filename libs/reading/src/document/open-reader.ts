import { availableParallelism } from 'node:os';

import { type Log, sharedSandbox } from '@casewire/sandbox';

import { OcrPool } from '../ocr/ocr-pool.ts';
import { DocumentReader } from './document-reader.ts';

export interface OpenReaderOptions {
  /** Pages recognized at once, about 210 MB each; by the number of processors, at most 2, where nothing is said. */
  ocrWorkers?: number | undefined;
  log?: Log;
}

export interface OpenReader {
  reader: DocumentReader;
  close(): Promise<void>;
}

let shared: { reader: DocumentReader; ocr: OcrPool; users: number } | undefined;

/**
 * The reader of this process. Whoever opens it closes it again; the recognizers end with the last.
 * The first to open it decides how many there are: stages that run in one process share them.
 */
export function openReader(options: OpenReaderOptions = {}): OpenReader {
  const workers = options.ocrWorkers ?? Math.min(2, availableParallelism());
  if (!shared) {
    const ocr = new OcrPool(workers);
    const containment = sharedSandbox(options.log);
    shared = {
      ocr,
      users: 0,
      reader: new DocumentReader({ containment, ocr, pagesAtOnce: workers }),
    };
  }
  const mine = shared;
  mine.users++;
  let open = true;
  return {
    reader: mine.reader,
    async close() {
      if (!open) return;
      open = false;
      if (--mine.users > 0) return;
      if (shared === mine) shared = undefined;
      await mine.ocr.stop();
    },
  };
}
