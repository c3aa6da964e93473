import { Problem } from '@casewire/contracts';

export interface Response {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Internal details that a response must not contain: stacks, statements, paths. */
const internal: [what: string, pattern: RegExp][] = [
  ['a stack', /\n?\s+at (?:async )?[\w.<>[\] ]+ \(?(?:file:|node:|\/)/],
  ['a source file', /\b[\w-]+\.(?:ts|mjs|cjs):\d+/],
  [
    'a path of the file system',
    /(?:^|["'\s(=])\/(?:tmp|home|root|work|usr|var|etc|proc)\/[\w./-]+/,
  ],
  ['node_modules', /node_modules/],
  ['SQL', /\b(?:select\s[^"]{1,200}\sfrom|insert into|update \w+ set|delete from)\s/i],
  ['a connection string', /postgres(?:ql)?:\/\//i],
];

/** A text of the request may look like an internal detail; a response may repeat it. */
const isOwn = (text: string, request: string) =>
  request.includes(text) || request.includes(encodeURIComponent(text));

/**
 * The faults of a response to any request.
 * @param request the request as text: a response may repeat its texts
 */
export function faultsOf(response: Response, request: string): string[] {
  const { status, headers, body } = response;
  const faults: string[] = [];
  const type = headers['content-type'] ?? '';
  if (status >= 500 && status !== 507 && !(status === 503 && headers['retry-after'] !== undefined))
    faults.push(`a status ${status}`);
  if (status >= 400 && type.startsWith('application/problem+json') && !isProblem(body, status))
    faults.push('a problem that does not match its schema');
  // Pages and documents are static texts, which are not checked.
  if (status >= 400 || type.startsWith('application/json')) {
    for (const [what, pattern] of internal) {
      const found = pattern.exec(body)?.[0].trim();
      if (found !== undefined && !isOwn(found, request)) faults.push(`${what} in a response`);
    }
  }
  return faults;
}

function isProblem(body: string, status: number): boolean {
  // A response to HEAD has no body.
  if (body === '') return true;
  try {
    return Problem.parse(JSON.parse(body)).status === status;
  } catch {
    return false;
  }
}
