import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { submissionLimits as limits } from '@casewire/contracts';
import { invalid, ApiError } from '@casewire/service';
import type { Busboy } from 'busboy';
import type { Request } from 'express';

import { megabytes, tooLarge, tooManyFiles } from './form-errors.ts';
import { formParser } from './form-parser.ts';
import { receiveFile, type ReceivedFile } from './received-file.ts';

export interface ReceivedForm {
  fields: Record<string, string>;
  files: ReceivedFile[];
}

/** Checks the fields that have arrived. While its promise is pending, the file that has begun is not received. */
type OnFields = (fields: Record<string, string>) => Promise<void>;

/** An empty form without a prototype: a field may have any name, even `__proto__`. */
export const emptyForm = (): ReceivedForm => ({ fields: Object.create(null), files: [] });

/**
 * Receives multipart/form-data: fields as text, files named `files` to disk below the folder. The first error ends the
 * upload: nothing more is parsed, and when this throws no file is being written any more.
 * @param form is filled; the caller deletes the files that it lists, also when this throws
 * @param onFields called when each file begins and at the end, so that an upload can be refused before its files are received
 * @throws ApiError if the upload is too large, has too many parts, is compressed, incomplete or not multipart; the system's
 *   error if a file could not be written
 */
export async function receiveForm(
  request: Request,
  folder: string,
  form: ReceivedForm,
  onFields: OnFields,
): Promise<void> {
  checkHeaders(request);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const parser = formParser(request.headers, { fields: fieldsLimit, parts: partsLimit });
  const parsed = Promise.withResolvers<void>();
  let failed = false;
  const fail = (error: unknown) => {
    failed = true;
    parsed.reject(error);
    request.unpipe(parser);
    // This also ends the file that is being received.
    parser.destroy();
  };
  // The parser may report several errors, and another one when it is destroyed.
  parser.on('error', (error: Error) => fail(malformed(error)));
  parser.once('close', () => parsed.resolve());
  const broken = () => fail(new ApiError(400, 'UPLOAD_ABORTED', 'the upload was aborted'));
  request.once('error', broken);
  request.once('close', () => request.complete || broken());
  const writing = new FormFiles(folder, form, onFields, fail);
  receiveFields(parser, form, fail);
  parser.on('file', (name, stream, { filename }) => {
    // A part after the error, in the same chunk: a destroyed parser never ends it.
    if (failed) stream.destroy();
    else writing.receive(name, stream, filename);
  });
  if (request.destroyed) broken();
  request.pipe(parser);
  try {
    await parsed.promise;
    await writing.written();
  } finally {
    request.unpipe(parser);
    // The rest of the upload is read and dropped, so that the client can receive the response.
    request.resume();
    await writing.settled();
  }
  await onFields(form.fields);
}

function receiveFields(parser: Busboy, form: ReceivedForm, fail: (error: unknown) => void): void {
  parser.on('field', (name: string | undefined, value, { nameTruncated, valueTruncated }) => {
    if (name === undefined)
      return fail(invalid([{ field: '', rule: 'every part requires a name' }]));
    if (nameTruncated || valueTruncated) return fail(tooLarge(name, 'must be no more than 64 KiB'));
    if (Object.hasOwn(form.fields, name))
      return fail(invalid([{ field: name, rule: 'must be given once' }]));
    form.fields[name] = value;
  });
  parser.once('filesLimit', () => fail(tooManyFiles()));
  parser.once('fieldsLimit', () =>
    fail(invalid([{ field: 'fields', rule: `must be no more than ${fieldsLimit}` }])),
  );
  parser.once('partsLimit', () =>
    fail(invalid([{ field: 'parts', rule: `must be no more than ${partsLimit}` }])),
  );
}

/** Writes the files of one form to disk. */
class FormFiles {
  private readonly writing: Promise<void>[] = [];
  private total = 0;
  private checked = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly form: ReceivedForm,
    private readonly onFields: OnFields,
    private readonly fail: (error: unknown) => void,
  ) {}

  receive(name: string | undefined, stream: Readable, fileName: string | undefined): void {
    // A form that ends early ends its file with an error. The parser reports it, too.
    stream.on('error', () => undefined);
    const written = this.write(name, stream, fileName);
    this.writing.push(written);
    written.catch((error: unknown) => {
      stream.resume();
      this.fail(error);
    });
  }

  /** Resolves when all files are written. @throws the error of the first file that could not be written */
  async written(): Promise<void> {
    await Promise.all(this.writing);
  }

  /** Resolves when no file is being written any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.writing);
  }

  private async write(
    name: string | undefined,
    stream: Readable,
    fileName: string | undefined,
  ): Promise<void> {
    const field = `files.${this.writing.length}`;
    if (name !== 'files') {
      const rule = 'is not a field for files: use `files`';
      throw invalid([{ field: name ?? '', rule }]);
    }
    await this.checkFields();
    const checked = checkedName(fileName, field);
    const index = this.form.files.length;
    const path = join(this.folder, randomUUID());
    // Reserves its position: a smaller file after it may be finished first.
    this.form.files[index] = { name: checked, path, sha256: '', size: 0 };
    const count = this.counter(field);
    this.form.files[index] = await receiveFile(stream, checked, path, count);
  }

  /** One check after the other, so that the files that wait for one keep their order. */
  private checkFields(): Promise<void> {
    this.checked = this.checked.then(() => this.onFields(this.form.fields));
    return this.checked;
  }

  private counter(field: string): (bytes: number) => void {
    let size = 0;
    return (bytes) => {
      size += bytes;
      this.total += bytes;
      if (size > limits.fileBytes)
        throw tooLarge(field, `must be no more than ${megabytes(limits.fileBytes)}`);
      if (this.total > limits.totalBytes)
        throw tooLarge('files', `must be no more than ${megabytes(limits.totalBytes)} in total`);
    };
  }
}

const fieldsLimit = 20;
const partsLimit = 64;

function checkHeaders(request: Request): void {
  const encoding = request.get('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    const rule = 'must be absent: a form is not compressed';
    throw new ApiError(415, 'CONTENT_ENCODING_UNSUPPORTED', `content-encoding ${rule}`, [
      { field: 'content-encoding', rule },
    ]);
  }
  if (Number(request.get('content-length')) > limits.totalBytes + 1024 * 1024)
    throw tooLarge('files', `must be no more than ${megabytes(limits.totalBytes)} in total`);
}

const malformed = (error: Error) => new ApiError(400, 'MALFORMED_MULTIPART', error.message);

function checkedName(name: string | undefined, field: string): string {
  const given = name ?? 'document';
  if (given.length > 255)
    throw invalid([{ field: `${field}.filename`, rule: 'must be no more than 255 characters' }]);
  if (/\p{Cc}/u.test(given))
    throw invalid([{ field: `${field}.filename`, rule: 'must not contain control characters' }]);
  return given;
}
