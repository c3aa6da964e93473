import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { catchError, type Observable, throwError } from 'rxjs';

/**
 * Passes the original error of a handler or its pipes to the transport. Without it Nest replaces each error by an
 * "Internal server error", and an unreadable record would be retried like any other. It is meant to be
 * registered globally; it does nothing for requests other than RPC.
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

/** An RpcException, because Nest passes on its content. */
class HandlerFailure extends RpcException {
  constructor(handlerFailure: unknown) {
    super({ handlerFailure });
  }
}

/** The original error of a handler, extracted from the error that Nest throws. */
export function originalFailure(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null) return thrown;
  if ('handlerFailure' in thrown) return thrown.handlerFailure;
  if (thrown instanceof Error) return thrown;
  // An exception filter of Nest throws plain objects.
  const message = 'message' in thrown && typeof thrown.message === 'string' ? thrown.message : '';
  return new Error(message || 'the handler failed', { cause: thrown });
}
