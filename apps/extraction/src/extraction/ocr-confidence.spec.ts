import type { PageReading } from '@casewire/reading';
import { expect, test } from 'vitest';

import { ocrConfidenceOf } from './ocr-confidence.ts';

const page = (source: PageReading['source'], ...confidences: number[]): PageReading => ({
  page: 1,
  source,
  dpi: null,
  rotation: 0,
  aspect: 0.7,
  words: confidences.map((confidence, line) => ({
    text: 'x'.repeat(line + 1),
    box: [0, 0, 1, 1],
    confidence,
    line,
    font: null,
  })),
  zone: [],
});

test('the confidence is the mean of all recognized words, whatever their length', () => {
  expect(ocrConfidenceOf({ pages: [page('ocr', 0.9, 0.5), page('ocr', 0.7, 0.7)] })).toBe(0.7);
});

test('words of a text layer do not count', () => {
  expect(ocrConfidenceOf({ pages: [page('text', 1, 1, 1), page('ocr', 0.5, 0.6)] })).toBe(0.55);
});

test.each([
  ['has its text without OCR', [page('text', 1)]],
  ['has no recognized word', [page('ocr')]],
  ['has no page', []],
])('a document that %s has no confidence', (_, pages) => {
  expect(ocrConfidenceOf({ pages })).toBeNull();
});
