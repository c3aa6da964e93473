/** The stable code of an error, without the text after it, which may contain a host or a response. */
export const errorCodeOf = (error: string | null): string | null => error?.split(':', 1)[0] ?? null;
