import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { catchError, type Observable, throwError } from 'rxjs';

/**
 * Brings the error of a handler or its pipes to the transport as it was thrown. Without it Nest replaces each by an
 * "Internal server error" of its own, so that a record which can never be read is tried as often as any other. To be
 * registered globally; it leaves everything alone that is not a record of the event log.
 */
export class HandlerFailures implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'rpc') return next.handle();
    return next
      .handle()
      .pipe(
        catchError((error: unknown) =>
          throwError(() => (error instanceof HandlerFailure ? error : new HandlerFailure(error))),
        ),
      );
  }
}

/** An RpcException, because Nest hands on what is inside of those. */
class HandlerFailure extends RpcException {
  constructor(handlerFailure: unknown) {
    super({ handlerFailure });
  }
}

/** The error a handler threw, out of what Nest made of it. */
export function originalFailure(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null) return thrown;
  if ('handlerFailure' in thrown) return thrown.handlerFailure;
  if (thrown instanceof Error) return thrown;
  // An exception filter of Nest throws plain objects.
  const message = 'message' in thrown && typeof thrown.message === 'string' ? thrown.message : '';
  return new Error(message || 'the handler failed', { cause: thrown });
}
