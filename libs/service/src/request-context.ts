import { randomUUID } from 'node:crypto';

import { inSpan, withRequestId, type Logger } from '@casewire/telemetry';
import { SpanKind } from '@opentelemetry/api';
import type { NextFunction, Request, Response } from 'express';

/** The id under which a request is found in the log; a caller's own is kept if it is a plain one. */
export const requestIdOf = (response: Response): string => String(response.locals.requestId);

/** Gives every request an id and a span, and writes one line when it was answered. */
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
