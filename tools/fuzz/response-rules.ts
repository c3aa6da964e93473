import { Problem } from '@casewire/contracts';

export interface Response {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What only the inside knows: stacks, statements, paths. */
const inside: [what: string, pattern: RegExp][] = [
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

/** A text that the request itself brought may well look like something of the inside. */
const isOwn = (text: string, request: string) =>
  request.includes(text) || request.includes(encodeURIComponent(text));

/**
 * What is wrong with an answer, whatever was asked.
 * @param request the request as text: what it says may come back
 */
export function faultsOf(answer: Response, request: string): string[] {
  const { status, headers, body } = answer;
  const faults: string[] = [];
  const type = headers['content-type'] ?? '';
  if (status >= 500 && status !== 507 && !(status === 503 && headers['retry-after'] !== undefined))
    faults.push(`a status ${status}`);
  if (status >= 400 && type.startsWith('application/problem+json') && !isProblem(body, status))
    faults.push('a problem that does not match its schema');
  // Pages and documents are shipped texts: they say what they say.
  if (status >= 400 || type.startsWith('application/json')) {
    for (const [what, pattern] of inside) {
      const found = pattern.exec(body)?.[0].trim();
      if (found !== undefined && !isOwn(found, request)) faults.push(`${what} in an answer`);
    }
  }
  return faults;
}

function isProblem(body: string, status: number): boolean {
  // To HEAD the body is not sent.
  if (body === '') return true;
  try {
    return Problem.parse(JSON.parse(body)).status === status;
  } catch {
    return false;
  }
}
