// The contained child: waits for one job on its line to the parent, does it, answers on the same line, ends.
import { fstatSync, readSync, writeSync } from 'node:fs';

import { frameHeader, readHeader, readyMark } from './frame.ts';
import type { Job } from './job.ts';

/** A socket. */
const line = 0;
/** The document, where it was opened for the child. */
const openedDocument = 3;

interface Order {
  job: string;
  args: unknown;
  opened: boolean;
}

/** Again and again while the line is not ready: it blocks on most systems, and nothing else is to be done meanwhile. */
function patiently(transfer: () => number): number {
  for (;;) {
    try {
      return transfer();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function writeAll(bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += patiently(() => writeSync(line, bytes, written));
  }
}

/** Everything up to the end. @param expected a size that is known to be likely */
function readAll(descriptor: number, expected: number): Buffer {
  let buffer = Buffer.allocUnsafeSlow(expected + 1);
  let filled = 0;
  for (;;) {
    if (filled === buffer.length) {
      buffer = Buffer.concat([buffer], buffer.length * 2);
    }
    const read = patiently(() =>
      readSync(descriptor, buffer, filled, buffer.length - filled, null),
    );
    if (read === 0) return buffer.subarray(0, filled);
    filled += read;
  }
}

/** The order and the document, or null where the parent ended without giving one. */
function receive(): { order: Order; bytes: Buffer } | null {
  const received = readAll(line, 64 * 1024);
  const found = readHeader(received);
  if (!found) return null;
  const order = found.header as Order;
  const bytes = order.opened
    ? readAll(openedDocument, fstatSync(openedDocument).size)
    : received.subarray(found.bodyAt);
  return { order, bytes };
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

/**
 * Ends this process with all that runs in it. `process.exit` joins V8's threads first, and one that compiles may need
 * garbage collected by this one: they then wait for each other for ever.
 */
function end(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('this process should be gone');
}

/** A job that cannot be loaded is no fault of the document: nothing of it was looked at. */
async function load(address: string): Promise<Job<unknown, unknown>> {
  try {
    return ((await import(address)) as { default: Job<unknown, unknown> }).default;
  } catch (error) {
    const { message } = error as Error;
    writeAll(frameHeader({ ok: false, code: 'JOB_UNLOADABLE', message }));
    return end();
  }
}

// Says that what fails from here on, fails because of the document.
writeAll(readyMark);

const received = receive();
if (received) {
  const { order, bytes } = received;
  const before = process.cpuUsage();
  const job = await load(order.job);
  try {
    const { value, blobs = [] } = await job({
      bytes,
      args: order.args,
      openPdf: async (other = bytes) =>
        (await import('../pdf/pdf-document.ts')).PdfDocument.open(other),
      openImage: async (pixels) => (await import('../image/decoder.ts')).Image.open(bytes, pixels),
    });
    const { user, system } = process.cpuUsage(before);
    const processorMs = (user + system) / 1000;
    const sizes = blobs.map((blob) => blob.byteLength);
    writeAll(frameHeader({ ok: true, value, blobs: sizes, processorMs }));
    for (const blob of blobs) writeAll(blob);
  } catch (error) {
    writeAll(frameHeader({ ok: false, ...told(error as Error) }));
  }
}
end();
