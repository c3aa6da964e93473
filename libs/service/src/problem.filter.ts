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

/** Says every error as RFC 9457 problem+json; what nobody foresaw is logged, and tells the caller no more than its id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const refusal = toApiError(error, host);
    const requestId = requestIdOf(response);
    if (refusal.status >= 500) this.logger.error({ event: 'http.failed', requestId, error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(refusal.status)
      .set(refusal.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problem(refusal, requestId)));
  }
}

export function problem(refusal: ApiError, requestId: string): Problem {
  return {
    type: `urn:casewire:problem:${refusal.code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[refusal.status] ?? 'Error',
    status: refusal.status,
    code: refusal.code,
    detail: refusal.message,
    requestId,
    ...(refusal.errors.length > 0 && { errors: refusal.errors }),
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
    const detail = 'the storage is full; send the request again when there is room';
    return new ApiError(507, 'STORAGE_FULL', detail, [], { 'retry-after': '30' });
  }
  if (isUnavailable(error)) {
    return new ApiError(
      503,
      'UNAVAILABLE',
      'something that is needed is away; send the request again',
      [],
      {
        'retry-after': '2',
      },
    );
  }
  return new ApiError(
    500,
    'INTERNAL',
    'something failed on our side; the request may be sent again',
  );
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

/** What the framework refuses by itself. */
const codes: Record<number, string> = { 400: 'BAD_REQUEST', 404: 'NOT_FOUND' };

/** A file system that a file is written to has no room for it, or its owner's quota is used up. */
const isStorageFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown }).code));

/** The database or the broker cannot be reached, or takes no more. */
function isUnavailable(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return isDatabaseUnavailable(error) || unavailable.has(String(code));
}

const unavailable = new Set(['EVENT_LOG_UNAVAILABLE', 'VIEW_STALE']);
