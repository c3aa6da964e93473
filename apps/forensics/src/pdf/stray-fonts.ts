import type { PdfWord } from '@casewire/sandbox';

import { fontFamily } from './font-family.ts';

/** A word with digits in another font than its line and nearly all of the page. */
export interface StrayFont {
  box: PdfWord['box'];
  text: string;
  font: string;
  usual: string;
}

/** On a page with fewer words no font is usual. */
const minimumWords = 40;
/** The usual font has at least this share of the words. */
const usualShare = 0.93;
/** With more stray words the page mixes fonts. */
const maximumStray = 6;

/** Words with digits that are not in the usual font of the page: text that was added later rarely is. A page that mixes fonts gives none. */
export function strayFonts(words: readonly PdfWord[]): StrayFont[] {
  if (words.length < minimumWords) return [];
  const counts = new Map<string, number>();
  for (const { font } of words) {
    const family = fontFamily(font.name);
    counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  const [usual, count] = [...counts.entries()].toSorted(([, a], [, b]) => b - a)[0]!;
  if (count < words.length * usualShare) return [];
  const common = words.filter(({ font }) => fontFamily(font.name) === usual);
  const stray = words.filter(
    (word) =>
      fontFamily(word.font.name) !== usual &&
      /\d/.test(word.text) &&
      // A letterhead or a heading has lines of its own.
      common.some((other) => sameLine(word, other)),
  );
  if (stray.length > maximumStray) return [];
  return stray.map(({ box, text, font }) => ({ box, text, font: fontFamily(font.name), usual }));
}

function sameLine({ box: a }: PdfWord, { box: b }: PdfWord): boolean {
  const overlap = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return overlap > Math.min(a[3] - a[1], b[3] - b[1]) * 0.5;
}
