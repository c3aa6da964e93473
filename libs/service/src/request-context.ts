import { randomUUID } from 'node:crypto';

import { inSpan, withRequestId, type Logger } from '@casewire/telemetry';
import { SpanKind } from '@opentelemetry/api';
import type { NextFunction, Request, Response } from 'express';

/** The id of a request in its response and in the log. An id from the caller is used if it is 8 to 64 of `A-Z a-z 0-9 _ . -`. */
export const requestIdOf = (response: Response): string => String(response.locals.requestId);

/** Gives every request an id and a span, and writes one log line after the response. */
export function requestContext(logger: Logger, now = () => performance.now()) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const given = request.get('x-request-id');
    const requestId = given && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
    response.locals.requestId = requestId;
    response.set('x-request-id', requestId);
    const started = now();
    const path = request.path;
    const answered = new Promise<void>((resolve) => response.once('close', resolve));
    const options = { kind: SpanKind.SERVER, traceparent: request.get('traceparent') };
    const work = async () => {
      next();
      await answered;
      if (path === '/healthz' || path === '/readyz') return;
      logger.info({
        event: 'http.answered',
        method: request.method,
        path,
        status: response.statusCode,
        durationMs: Math.round(now() - started),
      });
    };
    const name = `${request.method} ${path.split('/').slice(0, 4).join('/')}`;
    void withRequestId(requestId, () => inSpan(name, options, work));
  };
}
