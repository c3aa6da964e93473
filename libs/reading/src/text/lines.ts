import type { Box } from '@casewire/contracts';

import type { PageReading, Word } from './reading.ts';

/** The words of one line, from left to right. */
export interface Line {
  page: number;
  words: Word[];
  text: string;
  box: Box;
}

/** The smallest box around the boxes. */
export const unionOf = (boxes: readonly Box[]): Box => [
  Math.min(...boxes.map((box) => box[0])),
  Math.min(...boxes.map((box) => box[1])),
  Math.max(...boxes.map((box) => box[2])),
  Math.max(...boxes.map((box) => box[3])),
];

/** The lines of a page, from top to bottom. */
export function linesOf(page: PageReading): Line[] {
  const byLine = new Map<number, Word[]>();
  for (const word of page.words) {
    const words = byLine.get(word.line);
    if (words) words.push(word);
    else byLine.set(word.line, [word]);
  }
  return [...byLine.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([, words]) => ({
      page: page.page,
      words,
      text: words.map((word) => word.text).join(' '),
      box: unionOf(words.map((word) => word.box)),
    }));
}

/**
 * Assigns words to lines by their places: words side by side are one line, also where a recognizer found columns.
 * @param slope how far lines fall over the page width, in page heights; not 0 where a scan is skewed
 */
export function withLines<W extends { box: Box }>(
  words: readonly W[],
  slope = 0,
): (W & { line: number })[] {
  const middle = ({ box }: W) => (box[1] + box[3]) / 2 - ((box[0] + box[2]) / 2) * slope;
  const lines: { words: W[]; middle: number; height: number }[] = [];
  for (const word of words.toSorted((a, b) => middle(a) - middle(b))) {
    const height = word.box[3] - word.box[1];
    const line = lines.at(-1);
    const near = line && middle(word) - line.middle < Math.min(line.height, height) * 0.5;
    if (!near) {
      lines.push({ words: [word], middle: middle(word), height });
      continue;
    }
    const count = line.words.push(word);
    line.middle += (middle(word) - line.middle) / count;
    line.height += (height - line.height) / count;
  }
  return lines.flatMap(({ words: members }, line) =>
    members.toSorted((a, b) => a.box[0] - b.box[0]).map((word) => ({ ...word, line })),
  );
}
