// The contained child: waits for one job on its input, does it, answers on descriptor 3, ends.
import { writeSync } from 'node:fs';

import { frameHeader, readHeader, readyMark } from './frame.ts';
import type { Job } from './job.ts';

const answerDescriptor = 3;

interface Order {
  job: string;
  args: unknown;
}

function writeAll(bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(answerDescriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** The order and the document, or null where the parent ended without giving one. */
async function receive(): Promise<{ order: Order; bytes: Buffer } | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const received = Buffer.concat(chunks);
  const found = readHeader(received);
  return found && { order: found.header as Order, bytes: received.subarray(found.bodyAt) };
}

/** Memory that ran out, or a parser that trapped: what a hostile document does to its reader. */
const causedByDocument = (error: Error & { code?: string }): boolean =>
  error.name === 'RuntimeError' ||
  error.code === 'ERR_MEMORY_ALLOCATION_FAILED' ||
  (error instanceof RangeError && /allocation failed/i.test(error.message));

const told = (error: Error & { code?: string }): { code: string; message: string } =>
  causedByDocument(error)
    ? { code: 'DOCUMENT_UNREADABLE', message: 'the document cannot be read: reading it failed' }
    : { code: error.code ?? 'JOB_FAILED', message: error.message };

/** A job that cannot be loaded is no fault of the document: nothing of it was looked at. */
async function load(address: string): Promise<Job<unknown, unknown>> {
  try {
    return ((await import(address)) as { default: Job<unknown, unknown> }).default;
  } catch (error) {
    const { message } = error as Error;
    writeAll(frameHeader({ ok: false, code: 'JOB_UNLOADABLE', message }));
    return process.exit(0);
  }
}

// Loaded while the child waits, so that a waiting child answers fast.
for (const module of process.argv.slice(2)) await import(module);

// Says that what fails from here on, fails because of the document.
writeAll(readyMark);

const received = await receive();
if (received) {
  const { order, bytes } = received;
  const job = await load(order.job);
  try {
    const { value, blobs = [] } = await job({
      bytes,
      args: order.args,
      openPdf: async (other = bytes) =>
        (await import('../pdf/pdf-document.ts')).PdfDocument.open(other),
      openImage: async (pixels) => (await import('../image/decoder.ts')).Image.open(bytes, pixels),
    });
    writeAll(frameHeader({ ok: true, value, blobs: blobs.map((blob) => blob.byteLength) }));
    for (const blob of blobs) writeAll(blob);
  } catch (error) {
    writeAll(frameHeader({ ok: false, ...told(error as Error) }));
  }
}
process.exit(0);
