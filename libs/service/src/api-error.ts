/** What is wrong with which field of a request. */
export interface FieldError {
  field: string;
  rule: string;
}

/** A request that is turned down, as it is said to the caller: a status, a stable code, a sentence, the fields. */
export class ApiError extends Error {
  readonly retriable = false;
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: FieldError[] = [],
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }
}

/** The one answer for what is not there and for what belongs to somebody else. */
export const notFound = (what: string) =>
  new ApiError(404, 'NOT_FOUND', `there is no such ${what}`);

export const invalid = (errors: FieldError[]) =>
  new ApiError(
    400,
    'VALIDATION_FAILED',
    'the request does not follow the rules of its fields',
    errors,
  );
