import { Problem } from '@casewire/contracts';

/** The API turned a request down, or failed: what it answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Null where the answer was no problem+json. */
    readonly problem: Problem | null,
    request: string,
  ) {
    super(
      `${request} was answered ${status}${problem ? ` ${problem.code}: ${problem.detail}` : ''}`,
    );
  }
}

export interface Call {
  method?: string;
  body?: unknown;
  idempotencyKey?: string;
}

/** Calls one origin with one key. */
export class Api {
  constructor(
    readonly url: string,
    private readonly key: string,
  ) {}

  /**
   * @param body JSON, or a FormData
   * @returns the answer's JSON; undefined where it has none
   * @throws ApiError for every status that is not 2xx
   */
  async call<T>(path: string, { method = 'GET', body, idempotencyKey }: Call = {}): Promise<T> {
    const isForm = body instanceof FormData;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
    throw new ApiError(response.status, problemOf(text), `${method} ${path}`);
  }
}

function problemOf(text: string): Problem | null {
  try {
    return Problem.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
