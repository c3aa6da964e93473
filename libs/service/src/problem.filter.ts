import { STATUS_CODES } from 'node:http';

import type { Problem } from '@casewire/contracts';
import type { Logger } from '@casewire/telemetry';
import {
  Catch,
  HttpException,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { Request, Response } from 'express';

import { allowedMethods } from './allowed-methods.ts';
import { notFound, ApiError } from './api-error.ts';
import { isDatabaseUnavailable } from './database.ts';
import { requestIdOf } from './request-context.ts';

/** Sends every error as RFC 9457 problem+json. An unexpected error is logged, and its response has no details but the request id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const apiError = toApiError(error, host);
    const requestId = requestIdOf(response);
    if (apiError.status >= 500) this.logger.error({ event: 'http.failed', requestId, error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(apiError.status)
      .set(apiError.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problem(apiError, requestId)));
  }
}

export function problem(apiError: ApiError, requestId: string): Problem {
  return {
    type: `urn:casewire:problem:${apiError.code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[apiError.status] ?? 'Error',
    status: apiError.status,
    code: apiError.code,
    detail: apiError.message,
    requestId,
    ...(apiError.errors.length > 0 && { errors: apiError.errors }),
  };
}

function toApiError(error: unknown, host: ArgumentsHost): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof NotFoundException) return noRoute(host.switchToHttp().getRequest<Request>());
  if (error instanceof HttpException) {
    const status = error.getStatus();
    return new ApiError(status, codes[status] ?? 'REQUEST_REFUSED', error.message);
  }
  if (isStorageFull(error)) {
    const detail = 'the storage is full; send the request again later';
    return new ApiError(507, 'STORAGE_FULL', detail, [], { 'retry-after': '30' });
  }
  if (isUnavailable(error)) {
    return new ApiError(
      503,
      'UNAVAILABLE',
      'a required service is unavailable; send the request again',
      [],
      {
        'retry-after': '2',
      },
    );
  }
  return new ApiError(500, 'INTERNAL', 'an internal error occurred; the request may be sent again');
}

/** The framework found no route. */
function noRoute(request: Request): ApiError {
  const allow = allowedMethods(request);
  if (allow.length === 0) return notFound('path');
  const { method } = request;
  return new ApiError(
    405,
    'METHOD_NOT_ALLOWED',
    `this path does not have the method ${method}`,
    [],
    {
      allow: allow.join(', '),
    },
  );
}

/** Codes of errors that the framework throws. */
const codes: Record<number, string> = { 400: 'BAD_REQUEST', 404: 'NOT_FOUND' };

/** A file system is full, or the quota of its user is used up. */
const isStorageFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown }).code));

/** The database or the broker is unreachable or overloaded. */
function isUnavailable(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return isDatabaseUnavailable(error) || eventLogUnavailable.has(String(code));
}

const eventLogUnavailable = new Set(['EVENT_LOG_UNAVAILABLE', 'VIEW_STALE']);
