import { STATUS_CODES } from 'node:http';

import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

const body = [413, 415];

/** The success status of each kind of route, and the error statuses that all routes of the kind have. */
const kinds = {
  /** A page of a list. */
  list: { status: 200, problems: [400] },
  /** A single resource, by its id. */
  read: { status: 200, problems: [400, 404] },
  /** Creates a resource; accepts an Idempotency-Key. */
  create: { status: 201, problems: [400, 409, ...body, 422] },
  /** Changes a resource. */
  change: { status: 200, problems: [400, 404, 409, ...body, 422] },
  /** Performs an action on a resource; accepts an Idempotency-Key. */
  act: { status: 200, problems: [400, 404, 409, ...body, 422] },
  remove: { status: 204, problems: [400, 404] },
  /** Receives files. */
  upload: { status: 202, problems: [400, 409, ...body, 422, 507] },
} as const;

export interface OperationOptions {
  /** Replaces the success status of the kind. */
  status?: 200 | 201 | 202;
  /** Error statuses in addition to those of the kind. */
  problems?: readonly number[];
}

const descriptions: Record<number, string> = {
  400: 'A parameter, a field or the body breaks a rule: `errors` names the field and the rule.',
  401: 'The request has no key, or the key is not valid.',
  403: 'The key does not allow this.',
  404: 'The resource does not exist, or belongs to another organization.',
  409: 'The state of the resource does not allow this: `code` has the reason.',
  413: 'The body is too large.',
  415: 'The body, or a file in it, is of a type that is not accepted here.',
  422: 'The request is valid but cannot be processed, or its Idempotency-Key was used for another request.',
  503: 'A required service is unavailable; send the request again after the time in Retry-After.',
  507: 'There is no space for files at present.',
};

/** Documents the responses with these statuses: RFC 9457 problem details with the schema Problem. */
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
 * Documents a route, and sets its success status.
 * @param kind determines the success status and the error statuses
 * @param response the schema of the body of a successful response; null if it has none
 */
export function Operation(
  kind: keyof typeof kinds,
  summary: string,
  response: z.ZodType | null,
  { status: other, problems = [] }: OperationOptions = {},
) {
  const status = other ?? kinds[kind].status;
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary }),
    ApiResponse({
      status,
      description: STATUS_CODES[status]!,
      ...(response && { standardSchema: response }),
    }),
    Problems(...new Set<number>([...kinds[kind].problems, ...problems, 503])),
  );
}
