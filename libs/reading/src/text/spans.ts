import type { Box } from '@casewire/contracts';

import { type Line, unionOf } from './lines.ts';
import { plainText } from './plain-text.ts';
import type { Word } from './reading.ts';

/** Consecutive words of a line. */
export interface Span {
  line: Line;
  /** Index of its first word, and of the word after its last. */
  from: number;
  to: number;
}

export const wordsOf = ({ line, from, to }: Span): Word[] => line.words.slice(from, to);
export const textOf = (span: Span): string =>
  wordsOf(span)
    .map(({ text }) => text)
    .join(' ');
export const boxOf = (span: Span): Box => unionOf(wordsOf(span).map(({ box }) => box));

/** The mean confidence of its words, weighted by their length. */
export function confidenceOf(span: Span): number {
  const words = wordsOf(span);
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  const weighted = words.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0);
  return letters ? weighted / letters : 0;
}

/** The words that contain the characters from `index` to `index + length` of the line's text. */
export function spanAt(line: Line, index: number, length: number): Span {
  let [at, from, to] = [0, -1, 0];
  line.words.forEach(({ text }, i) => {
    const end = at + text.length;
    if (end > index && at < index + length) {
      if (from < 0) from = i;
      to = i + 1;
    }
    at = end + 1;
  });
  return { line, from: Math.max(from, 0), to };
}

/** The words of the first match in the line. The pattern is matched in lower case without accents. */
export function findIn(line: Line, pattern: RegExp): Span | null {
  const match = pattern.exec(plainText(line.text));
  return match && match[0].length > 0 ? spanAt(line, match.index, match[0].length) : null;
}
