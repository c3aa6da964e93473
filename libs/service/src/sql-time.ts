/**
 * A time as a parameter of a query. PostgreSQL itself refuses texts that ISO 8601 has: the year 0, and offsets above 15:59.
 * @param text ISO 8601; undefined stays undefined
 */
export const sqlTime = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);
