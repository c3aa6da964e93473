// The sandboxed process: it waits for one job on its connection to the parent, runs it, sends the result and ends.
import { fstatSync, readSync, writeSync } from 'node:fs';

import { frameHeader, readHeader, readyMark } from '../sandbox/frame.ts';
import type { Job } from './job.ts';

/** File descriptor of the socket to the parent. */
const connection = 0;
/** File descriptor of the document, where the launcher opened it. */
const openedDocument = 3;

interface JobRequest {
  job: string;
  args: unknown;
  opened: boolean;
}

/** Repeats the transfer while the socket is not ready. Most systems make it block; the process has no other work. */
function retried(transfer: () => number): number {
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
    written += retried(() => writeSync(connection, bytes, written));
  }
}

/** Reads up to the end. @param expected the likely size */
function readAll(descriptor: number, expected: number): Buffer {
  let buffer = Buffer.allocUnsafeSlow(expected + 1);
  let filled = 0;
  for (;;) {
    if (filled === buffer.length) {
      buffer = Buffer.concat([buffer], buffer.length * 2);
    }
    const read = retried(() => readSync(descriptor, buffer, filled, buffer.length - filled, null));
    if (read === 0) return buffer.subarray(0, filled);
    filled += read;
  }
}

/** The request and the document, or null where the parent closed the connection without a request. */
function receive(): { request: JobRequest; bytes: Buffer } | null {
  const received = readAll(connection, 64 * 1024);
  const found = readHeader(received);
  if (!found) return null;
  const request = found.header as JobRequest;
  const bytes = request.opened
    ? readAll(openedDocument, fstatSync(openedDocument).size)
    : received.subarray(found.bodyAt);
  return { request, bytes };
}

/** Whether memory ran out or a WebAssembly parser trapped: a hostile document does this to its reader. */
const causedByDocument = (error: Error & { code?: string }): boolean =>
  error.name === 'RuntimeError' ||
  error.code === 'ERR_MEMORY_ALLOCATION_FAILED' ||
  (error instanceof RangeError && /allocation failed/i.test(error.message));

const failureOf = (error: Error & { code?: string }): { code: string; message: string } =>
  causedByDocument(error)
    ? { code: 'DOCUMENT_UNREADABLE', message: 'the document cannot be read: reading it failed' }
    : { code: error.code ?? 'JOB_FAILED', message: error.message };

/**
 * Ends this process at once. `process.exit` would join V8's threads first; a compiling thread may wait for garbage
 * collection by this one, and both would wait for each other for ever.
 */
function end(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('this process was killed');
}

/** A job that cannot be loaded is not the document's fault: the document was not parsed. */
async function load(address: string): Promise<Job<unknown, unknown>> {
  try {
    return ((await import(address)) as { default: Job<unknown, unknown> }).default;
  } catch (error) {
    const { message } = error as Error;
    writeAll(frameHeader({ ok: false, code: 'JOB_UNLOADABLE', message }));
    return end();
  }
}

// A failure after this mark is the document's fault.
writeAll(readyMark);

const received = receive();
if (received) {
  const { request, bytes } = received;
  const before = process.cpuUsage();
  const job = await load(request.job);
  try {
    const { value, blobs = [] } = await job({
      bytes,
      args: request.args,
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
    writeAll(frameHeader({ ok: false, ...failureOf(error as Error) }));
  }
}
end();
