import { json, type NextFunction, type Request, type Response } from 'express';

import { ApiError } from './api-error.ts';

export const jsonTypes = ['application/json', 'application/*+json'];
const parse = json({ limit: '1mb', type: jsonTypes });

// Bodies of other methods are ignored.
const withBody = new Set(['POST', 'PUT', 'PATCH']);

/** Parses JSON bodies. A body that cannot be read is an ApiError with the reason. */
export function jsonBody(request: Request, response: Response, next: NextFunction): void {
  if (!withBody.has(request.method)) return next();
  parse(request, response, (error?: unknown) =>
    next(error === undefined ? undefined : toApiError(error)),
  );
}

function toApiError(error: unknown): ApiError {
  const { type, status, message } = error as { type?: string; status?: number; message?: string };
  if (type === 'entity.parse.failed')
    return new ApiError(400, 'MALFORMED_JSON', 'the body is not JSON');
  if (type === 'entity.too.large') {
    return new ApiError(413, 'BODY_TOO_LARGE', 'the body is larger than this route allows');
  }
  return new ApiError(status ?? 400, 'BODY_UNREADABLE', message ?? 'the body cannot be read');
}
