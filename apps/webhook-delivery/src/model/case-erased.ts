/** The event that says that a case was erased. With it, what is stored under its key is cancelled and scrubbed. */
export const caseErasedType = 'case.erased';

/** The code at the beginning of an error, without the words behind it, which may hold a host or what a receiver said. */
export const errorCodeOf = (error: string | null): string | null => error?.split(':', 1)[0] ?? null;
