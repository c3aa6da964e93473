import { z } from 'zod';

/** A number in a path or a query: decimal digits only, so that neither 1e3 nor 0x10 nor an empty text is one. */
export const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN),
    z.int(`must be a whole number from ${min} to ${max}`).min(min).max(max),
  );
