/** A statement with numbered parameters, as pg takes it. For a prepared statement, add its `name`. */
export interface NumberedSql {
  text: string;
  values: unknown[];
}

/** Names in a statement and given values do not match: a mistake in the code. */
export class NamedSqlError extends Error {
  readonly code = 'NAMED_SQL_INVALID';
  readonly retriable = false;
}

// Alternatives in the order in which PostgreSQL's lexer would recognize them; only the last group is a parameter.
const token = new RegExp(
  [
    String.raw`--[^\n]*`,
    String.raw`/\*[^]*?\*/`,
    String.raw`\b[eE]'(?:[^'\\]|\\[^]|'')*'`,
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    String.raw`(?<!\w)\$(?<tag>(?:[a-zA-Z_]\w*)?)\$[^]*?\$\k<tag>\$`,
    String.raw`(?<!\w)\$\d+`,
    '::',
    String.raw`:(?<name>[a-zA-Z_]\w*)`,
  ].join('|'),
  'g',
);

/**
 * Numbers the named parameters of a statement: `named('select :a::int', { a: 1 })` gives `select $1::int` with `[1]`. A name
 * that occurs several times is one parameter. Casts (`::`), literals, quoted names and comments stay as they are.
 * @param values a value for each name; undefined is sent as null. In an array slice, separate the colon: `a[1 : :n]`
 * @throws NamedSqlError for a name without a value, a value without a name, or a numbered parameter in the text
 */
export function named(text: string, values: Readonly<Record<string, unknown>>): NumberedSql {
  const names: string[] = [];
  const numbered = text.replace(token, (match: string, ...captured: unknown[]) => {
    if (/^\$\d/.test(match)) throw new NamedSqlError(`${match} is a numbered parameter`);
    const { name } = captured.at(-1) as { name?: string };
    if (name === undefined) return match;
    if (!Object.hasOwn(values, name)) throw new NamedSqlError(`:${name} has no value`);
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  const unused = Object.keys(values).filter((name) => !names.includes(name));
  if (unused.length > 0) throw new NamedSqlError(`not in the statement: ${unused.join(', ')}`);
  return { text: numbered, values: names.map((name) => values[name]) };
}
