import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

import { submissionLimits } from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import busboy, { type Busboy } from 'busboy';

/**
 * A parser of multipart/form-data that ends every file, if need be with an error. busboy 1.6 goes on to parse what stands
 * behind the end marker in the same piece: a file that begins there is never ended by it, nor is the form.
 * @throws Refusal where the headers are not those of a form
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
  // Everything was parsed by then, and every file that is to be ended was.
  // oxlint-disable no-underscore-dangle -- the name that Node gives to what a Writable does at its end
  const final = parser._final.bind(parser);
  parser._final = (done) => {
    for (const stream of begun) stream.destroy(new Error('Unexpected end of file'));
    if (begun.size > 0) done(new Error('Unexpected part behind the end of the form'));
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
