/**
 * Whether PostgreSQL can store the text, as `text` or inside `jsonb`: it rejects the character NUL and half of a
 * surrogate pair (PostgreSQL documentation, 8.3 and 8.14).
 */
export const isStorableText = (text: string): boolean =>
  text.isWellFormed() && !text.includes('\0');
