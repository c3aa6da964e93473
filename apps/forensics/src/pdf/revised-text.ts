import type { PdfWord } from '@casewire/sandbox';

/** A word that a later revision put in the place of others. */
export interface RevisedText {
  box: PdfWord['box'];
  before: string;
  after: string;
}

const near = (a: PdfWord['box'], b: PdfWord['box']): boolean =>
  Math.abs(a[1] - b[1]) < 0.01 && a[0] < b[2] + 0.03 && b[0] < a[2] + 0.03;

const keyOf = ({ text, box }: PdfWord) =>
  `${text}@${box.map((value) => value.toFixed(2)).join(',')}`;

/** Compares a page's words with those of an earlier revision of it. */
export function revisedText(before: readonly PdfWord[], after: readonly PdfWord[]): RevisedText[] {
  const kept = new Set(before.map(keyOf));
  const present = new Set(after.map(keyOf));
  const removed = before.filter((word) => !present.has(keyOf(word)));
  return after
    .filter((word) => !kept.has(keyOf(word)))
    .map((word) => ({
      box: word.box,
      before: removed
        .filter(({ box }) => near(box, word.box))
        .map(({ text }) => text)
        .join(' '),
      after: word.text,
    }));
}
