import { z } from 'zod';

import { invalid } from './api-error.ts';

/** A cursor is the position at which the last page ended, as base64url of JSON. Callers treat it as opaque. */
export const encodeCursor = (position: unknown): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/** @throws ApiError 400 with the field `cursor` */
export function decodeCursor<T extends z.ZodType>(schema: T, cursor: string): z.infer<T> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw invalid([{ field: 'cursor', rule: 'must be the `next` of an earlier page' }]);
  }
}

/** A page of `limit` rows. The query reads one row more, which only shows that there is another page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => unknown,
  view: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? encodeCursor(position(last)) : null;
  return { items: shown.map(view), next };
}
