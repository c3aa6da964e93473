import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';
import type { Observable } from 'rxjs';

import { ApiError } from './api-error.ts';
import { jsonTypes } from './json-body.ts';

/** Refuses a body of another media type on a route that reads JSON. It runs after the guards, so callers without a key get 401 and not 415. */
export class JsonOnly implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    if (readsBody(context) && hasBody(request) && !request.is(jsonTypes)) {
      throw new ApiError(415, 'NOT_JSON', 'the body must be JSON: content-type: application/json');
    }
    return next.handle();
  }
}

function readsBody(context: ExecutionContext): boolean {
  const parameters: object =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ?? {};
  return Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
}

const hasBody = ({ headers }: Request) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
