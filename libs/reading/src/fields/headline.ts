import { documentTypes } from '../document-types/document-types.ts';
import type { Line } from '../document/lines.ts';
import { findIn } from '../document/match.ts';

const headings = documentTypes
  .flatMap(([, { anchors }]) => anchors)
  .filter(({ heading }) => heading)
  .map(({ pattern }) => pattern);

/** The line on which whoever issued the document names itself: the first one that does not begin with what the document is. */
export function headline(lines: readonly Line[]): Line | null {
  const named = lines.find(
    (line) =>
      /\p{L}{3}/u.test(line.text) && !headings.some((heading) => findIn(line, heading)?.from === 0),
  );
  return named ?? null;
}
