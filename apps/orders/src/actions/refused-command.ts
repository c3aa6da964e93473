import { NotPublished } from '@casewire/event-sourcing';
import { ApiError, notFound } from '@casewire/service';

import { ApproverRefused, CommandRefused, UnknownVerification } from '../order/refusals.ts';

/** The error response for a command that the order refused, or whose events are not published; any other error as it is. */
export function apiErrorOf(error: unknown): unknown {
  if (error instanceof CommandRefused) return new ApiError(409, error.code, error.message);
  if (error instanceof ApproverRefused) return new ApiError(403, error.code, error.message);
  if (error instanceof UnknownVerification) return notFound('verification');
  if (error instanceof NotPublished) return notPublished(error);
  return error;
}

const notPublished = ({ code }: NotPublished) => {
  const detail =
    'the order is stored, and its events are not published yet; the same request with the same Idempotency-Key gets it';
  return new ApiError(503, code, detail, [], { 'retry-after': '2' });
};
