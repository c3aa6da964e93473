import { STATUS_CODES } from 'node:http';

import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

const body = [413, 415];

/** What a kind of route answers when all is well, and the problems that all routes of the kind can answer with. */
const kinds = {
  /** A page of a list. */
  list: { status: 200, problems: [400] },
  /** One thing, by its id. */
  read: { status: 200, problems: [400, 404] },
  /** Something new; an Idempotency-Key may come with it. */
  create: { status: 201, problems: [400, 409, ...body, 422] },
  /** A change of what is there. */
  change: { status: 200, problems: [400, 404, 409, ...body, 422] },
  /** Something is done with what is there; an Idempotency-Key may come with it. */
  act: { status: 200, problems: [400, 404, 409, ...body, 422] },
  remove: { status: 204, problems: [400, 404] },
  /** Files come in. */
  upload: { status: 202, problems: [400, 409, ...body, 422, 507] },
} as const;

export interface OperationOptions {
  /** Where it is another than the kind's. */
  status?: 200 | 201 | 202;
  /** Problems beside those of the kind. */
  problems?: readonly number[];
}

const descriptions: Record<number, string> = {
  400: 'A parameter, a field or the body breaks a rule: `errors` names the field and the rule.',
  401: 'There is no key, or it is not valid.',
  403: 'The key does not allow this.',
  404: 'There is no such thing, or it belongs to somebody else.',
  409: 'What is there does not allow this: `code` says why.',
  413: 'The body is too large.',
  415: 'The body, or a file in it, is of a type that is not accepted here.',
  422: 'The request can be read and cannot be done, or its Idempotency-Key was used for another one.',
  503: 'Something that is needed is away; send the request again after the time in Retry-After.',
  507: 'There is no room for files at present.',
};

/** Documents the answers of these statuses: RFC 9457 problem details with the schema Problem. */
export const Problems = (...statuses: number[]) =>
  applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({
        status,
        description: descriptions[status] ?? STATUS_CODES[status]!,
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
        ...(status === 503 && {
          headers: {
            'Retry-After': {
              description: 'Seconds to wait.',
              schema: { type: 'integer', minimum: 0 },
            },
          },
        }),
      }),
    ),
  );

/**
 * What a route does, in the documentation and in its status.
 * @param kind decides on the status and on the problems that are documented
 * @param answer the schema of the body of a successful answer; null where there is none
 */
export function Operation(
  kind: keyof typeof kinds,
  summary: string,
  answer: z.ZodType | null,
  { status: other, problems = [] }: OperationOptions = {},
) {
  const status = other ?? kinds[kind].status;
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary }),
    ApiResponse({
      status,
      description: STATUS_CODES[status]!,
      ...(answer && { standardSchema: answer }),
    }),
    Problems(...new Set<number>([...kinds[kind].problems, ...problems, 503])),
  );
}
