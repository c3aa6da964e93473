import { Problem } from '@casewire/contracts';

/** The response of an API that refused a request or failed. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** The body (RFC 9457); null if it is not problem+json. */
    readonly problem: Problem | null,
    request: string,
  ) {
    super(
      `${request} failed with ${status}${problem ? ` ${problem.code}: ${problem.detail}` : ''}`,
    );
  }
}

/** A request: its method (GET by default), its body, and its Idempotency-Key. */
export interface Call {
  method?: string;
  body?: unknown;
  idempotencyKey?: string;
}

/** A file that is being read. */
export interface DownloadedFile {
  mediaType: string;
  bytes: ReadableStream<Uint8Array>;
}

/** Calls the APIs of one origin with one API key. */
export class Api {
  constructor(
    readonly url: string,
    private readonly key: string,
  ) {}

  /**
   * @param body sent as JSON, or as multipart/form-data if it is a FormData
   * @param path the path with its query, such as `/partner/v1/cases`
   * @returns the JSON of the response; undefined if it has no body
   * @throws ApiError for every status other than 2xx; TypeError if the origin cannot be reached
   */
  async call<T>(path: string, call: Call = {}): Promise<T> {
    const text = await (await this.request(path, call)).text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /**
   * Reads a file.
   * @returns its bytes, as they arrive
   * @throws ApiError for every status other than 2xx; TypeError if the origin cannot be reached
   */
  async file(path: string): Promise<DownloadedFile> {
    const { headers, body } = await this.request(path);
    return {
      mediaType: headers.get('content-type') ?? 'application/octet-stream',
      bytes: body ?? new ReadableStream({ start: (controller) => controller.close() }),
    };
  }

  private async request(
    path: string,
    { method = 'GET', body, idempotencyKey }: Call = {},
  ): Promise<Response> {
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
    if (response.ok) return response;
    const problem = problemOf(await response.text());
    throw new ApiError(response.status, problem, `${method} ${path}`);
  }
}

function problemOf(text: string): Problem | null {
  try {
    return Problem.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
