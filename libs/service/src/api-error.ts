/** A field of a request, and the rule that it breaks. */
export interface FieldError {
  field: string;
  rule: string;
}

/** The error response of a refused request: HTTP status, stable code, detail, invalid fields, additional headers. */
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

/** A missing resource and a resource of another tenant get the same response. */
export const notFound = (resource: string) =>
  new ApiError(404, 'NOT_FOUND', `there is no such ${resource}`);

export const invalid = (errors: FieldError[]) =>
  new ApiError(
    400,
    'VALIDATION_FAILED',
    'the request does not follow the rules of its fields',
    errors,
  );
