import { expect, test } from 'vitest';

import { withLines } from './lines.ts';

const word = (text: string, left: number, top: number, height = 0.02) => ({
  text,
  box: [left, top, left + 0.1, top + height] as [number, number, number, number],
});
const texts = (words: { text: string; line: number }[]) =>
  words.map(({ text, line }) => `${line}:${text}`);

test('words side by side are one line from left to right, whatever their order', () => {
  const words = [word('100.00', 0.8, 0.101), word('Net', 0.1, 0.1), word('pay', 0.2, 0.102)];
  expect(texts(withLines(words))).toEqual(['0:Net', '0:pay', '0:100.00']);
});

test('close lines are separate', () => {
  const words = [word('a', 0.1, 0.1), word('b', 0.1, 0.125), word('c', 0.1, 0.15)];
  expect(texts(withLines(words))).toEqual(['0:a', '1:b', '2:c']);
});

test('a small line below a large word is separate', () => {
  const words = [word('TITLE', 0.1, 0.1, 0.05), word('small', 0.1, 0.155, 0.015)];
  expect(texts(withLines(words))).toEqual(['0:TITLE', '1:small']);
});

test('the lines of a skewed page are found', () => {
  const slope = 0.05;
  const words = [0, 1, 2].flatMap((line) =>
    [0, 0.3, 0.6, 0.9].map((left) => word(`${line}`, left, 0.1 + line * 0.03 + left * slope)),
  );
  expect(withLines(words, slope).map(({ text, line }) => text === String(line))).toEqual(
    words.map(() => true),
  );
});
