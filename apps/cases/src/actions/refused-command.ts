import { ApiError, invalid, notFound } from '@casewire/service';

import { CommandInvalid, CommandRefused, UnknownReview } from '../case/refusals.ts';

/** The error response for a command that the case refused; any other error as it is. */
export function apiErrorOf(error: unknown): unknown {
  if (error instanceof CommandRefused) return new ApiError(409, error.code, error.message);
  if (error instanceof CommandInvalid) return invalid([{ field: error.field, rule: error.rule }]);
  if (error instanceof UnknownReview) return notFound('review');
  return error;
}
