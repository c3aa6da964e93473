import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

import { submissionLimits } from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import busboy, { type Busboy } from 'busboy';

/**
 * A parser of multipart/form-data that ends every file, with an error if necessary. busboy 1.6 continues to parse what
 * follows the end marker in the same chunk: it never ends a file that begins there, nor the form.
 * @throws ApiError 415 if the headers are not those of a form
 */
export function formParser(
  headers: IncomingHttpHeaders,
  limits: { fields: number; parts: number },
): Busboy {
  const parser = open(headers, limits);
  const begun = new Set<Readable>();
  parser.on('file', (_, stream) => {
    begun.add(stream);
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk === null) begun.delete(stream);
      return push(chunk, encoding);
    };
  });
  // At this point everything is parsed: a file that is still open is never ended by the parser.
  // oxlint-disable no-underscore-dangle -- Node's name of a Writable's last step
  const final = parser._final.bind(parser);
  parser._final = (done) => {
    for (const stream of begun) stream.destroy(new Error('Unexpected end of file'));
    if (begun.size > 0) done(new Error('Unexpected part after the end of the form'));
    else final(done);
  };
  return parser;
}

function open(
  headers: IncomingHttpHeaders,
  { fields, parts }: { fields: number; parts: number },
): Busboy {
  try {
    return busboy({
      headers,
      defParamCharset: 'utf8',
      limits: { files: submissionLimits.files, fields, fieldSize: 64 * 1024, parts },
    });
  } catch (error) {
    throw new ApiError(
      415,
      'NOT_MULTIPART',
      `the body must be multipart/form-data: ${(error as Error).message}`,
    );
  }
}
