import { z } from 'zod';

/** Whether PostgreSQL can store the text: no NUL and no lone surrogate. No event contains such a text. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
export const storableRule = 'must not contain NUL or a lone surrogate';

/** A name by which rows are looked up. */
export const StoredName = z.string().max(128).refine(isStorable, storableRule);
