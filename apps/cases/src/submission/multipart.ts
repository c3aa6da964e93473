import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { submissionLimits as limits } from '@casewire/contracts';
import { invalid, Refusal } from '@casewire/service';
import busboy from 'busboy';
import type { Request } from 'express';

import { receiveFile, type ReceivedFile } from './received-file.ts';

export interface ReceivedForm {
  fields: Record<string, string>;
  files: ReceivedFile[];
}

const megabytes = (bytes: number) => `${bytes / 1024 / 1024} MB`;
const tooLarge = (field: string, rule: string) =>
  new Refusal(413, 'UPLOAD_TOO_LARGE', `${field} ${rule}`, [{ field, rule }]);
const tooMany = () => {
  const rule = `must be no more than ${limits.files} files`;
  return new Refusal(400, 'TOO_MANY_FILES', `files ${rule}`, [{ field: 'files', rule }]);
};

/**
 * Takes in multipart/form-data: fields as text, files named `files` to disk below the folder.
 * @param onFields called when the first file begins and at the end, so that fields can refuse the upload before it
 * @throws Refusal for what is too large, too many, or not multipart; what was written is the caller's to remove
 */
export async function receiveForm(
  request: Request,
  folder: string,
  form: ReceivedForm,
  onFields: (fields: Record<string, string>) => void,
): Promise<void> {
  if (Number(request.get('content-length')) > limits.totalBytes + 1024 * 1024) {
    throw tooLarge('files', `must be no more than ${megabytes(limits.totalBytes)} in total`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const parser = parserOf(request);
  const writing: Promise<void>[] = [];
  let total = 0;
  const done = Promise.withResolvers<void>();
  const fail = (error: unknown) => done.reject(error);

  parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
    if (nameTruncated || valueTruncated) return fail(tooLarge(name, 'must be no more than 64 KiB'));
    if (Object.hasOwn(form.fields, name))
      return fail(invalid([{ field: name, rule: 'must be given once' }]));
    form.fields[name] = value;
  });
  parser.on('file', (name: string, stream: Readable, info) => {
    const field = `files.${writing.length}`;
    const receive = async () => {
      if (name !== 'files')
        throw invalid([{ field: name, rule: 'is no field for files: they are named `files`' }]);
      onFields(form.fields);
      const fileName = checkedName(info.filename, field);
      const index = form.files.length;
      const path = join(folder, randomUUID());
      // Its place is taken now: a smaller file behind it may be finished first.
      form.files[index] = { name: fileName, path, sha256: '', size: 0 };
      let size = 0;
      form.files[index] = await receiveFile(stream, fileName, path, (bytes) => {
        size += bytes;
        total += bytes;
        if (size > limits.fileBytes)
          throw tooLarge(field, `must be no more than ${megabytes(limits.fileBytes)}`);
        if (total > limits.totalBytes) {
          throw tooLarge('files', `must be no more than ${megabytes(limits.totalBytes)} in total`);
        }
      });
    };
    writing.push(
      receive().catch((error: unknown) => {
        stream.resume();
        fail(error);
        throw error;
      }),
    );
  });
  parser.once('filesLimit', () => fail(tooMany()));
  parser.once('fieldsLimit', () =>
    fail(invalid([{ field: 'fields', rule: 'must be no more than 20' }])),
  );
  parser.once('error', (error: Error) => fail(malformed(error)));
  parser.once('close', () => done.resolve());
  request.once('aborted', () => fail(new Refusal(400, 'UPLOAD_ABORTED', 'the upload broke off')));
  request.pipe(parser);
  try {
    await done.promise;
  } finally {
    request.unpipe(parser);
    request.resume();
    await Promise.allSettled(writing);
  }
  onFields(form.fields);
}

function parserOf(request: Request): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: {
        files: limits.files,
        fields: 20,
        fieldSize: 64 * 1024,
        parts: 64,
      },
    });
  } catch (error) {
    throw new Refusal(
      415,
      'NOT_MULTIPART',
      `the body must be multipart/form-data: ${(error as Error).message}`,
    );
  }
}

const malformed = (error: Error) => new Refusal(400, 'MALFORMED_MULTIPART', error.message);

function checkedName(name: string | undefined, field: string): string {
  const given = name ?? 'document';
  if (given.length > 255)
    throw invalid([{ field: `${field}.filename`, rule: 'must be no more than 255 characters' }]);
  if (/\p{Cc}/u.test(given))
    throw invalid([{ field: `${field}.filename`, rule: 'must not contain control characters' }]);
  return given;
}
