import { documentTypes } from '../document-types/document-types.ts';
import type { Line } from '../text/lines.ts';
import { findIn } from '../text/spans.ts';

const headings = documentTypes
  .flatMap(([, { anchors }]) => anchors)
  .filter(({ heading }) => heading)
  .map(({ pattern }) => pattern);

/** The line with the name of the issuer: the first one that does not begin with the heading of a document type. */
export function headline(lines: readonly Line[]): Line | null {
  const issuer = lines.find(
    (line) =>
      /\p{L}{3}/u.test(line.text) && !headings.some((heading) => findIn(line, heading)?.from === 0),
  );
  return issuer ?? null;
}
