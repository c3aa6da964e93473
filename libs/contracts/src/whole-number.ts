import { z } from 'zod';

/** A number in a path or a query: decimal digits only. 1e3, 0x10 and an empty text are errors. */
export const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN),
    z.int(`must be a whole number from ${min} to ${max}`).min(min).max(max),
  );
