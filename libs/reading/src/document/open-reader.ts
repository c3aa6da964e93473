import { availableParallelism } from 'node:os';

import { type Log, sharedSandbox } from '@casewire/sandbox';

import { OcrPool } from '../ocr/ocr-pool.ts';
import { DocumentReader } from './document-reader.ts';

export interface OpenReaderOptions {
  /** Pages that are recognized at the same time, about 210 MB each; by default the number of processors, at most 2. */
  ocrWorkers?: number | undefined;
  log?: Log;
}

export interface OpenReader {
  reader: DocumentReader;
  close(): Promise<void>;
}

let shared: { reader: DocumentReader; ocr: OcrPool; users: number } | undefined;

/**
 * The reader of this process, shared by all stages in it. Each user closes it; the OCR workers end with the last user.
 * The options of the first user count.
 */
export function openReader(options: OpenReaderOptions = {}): OpenReader {
  const workers = options.ocrWorkers ?? Math.min(2, availableParallelism());
  if (!shared) {
    const ocr = new OcrPool(workers);
    const sandbox = sharedSandbox(options.log);
    shared = {
      ocr,
      users: 0,
      reader: new DocumentReader({ sandbox, ocr, concurrentPages: workers }),
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
