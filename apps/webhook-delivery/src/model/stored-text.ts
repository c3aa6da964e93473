import { z } from 'zod';

/** What PostgreSQL takes as text, and what therefore no event holds. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
export const storableRule = 'must not hold NUL or half a character';

/** A name that rows are looked up by. */
export const StoredName = z.string().max(128).refine(isStorable, storableRule);
