import type { Box, TranslationResult } from '@casewire/contracts';
import { linesOf, type Reading } from '@casewire/reading';
import { StageFailed } from '@casewire/stage-runtime';

import { translateLine, type TranslatedSpan } from './translate-line.ts';

export interface TranslationOptions {
  /** ISO 639-1. */
  targetLanguage: string;
  /** The share of words that must be translated, 0 to 1. */
  threshold: number;
}

type Segment = TranslationResult['segments'][number];

/**
 * Translates by the glossary. Every segment is marked as translated, kept or untranslated.
 * @throws StageFailed LANGUAGE_UNKNOWN, TRANSLATION_PAIR_UNSUPPORTED, TRANSLATION_COVERAGE_BELOW_THRESHOLD
 */
export function translateDocument(
  reading: Reading,
  options: TranslationOptions,
): TranslationResult {
  const { language: sourceLanguage } = reading;
  const { targetLanguage, threshold } = options;
  if (sourceLanguage === null) {
    throw new StageFailed(
      'LANGUAGE_UNKNOWN',
      'the document has too little text to determine its language',
    );
  }
  const lines = reading.pages.flatMap((page) => linesOf(page));
  if (sourceLanguage === targetLanguage) {
    const segments = lines.map(({ text, page, box }) => ({
      text,
      translation: text,
      state: 'kept' as const,
      page,
      box,
    }));
    return {
      sourceLanguage,
      targetLanguage,
      engine: 'none',
      coverage: 1,
      unchanged: true,
      segments,
    };
  }
  if (sourceLanguage !== 'es' || targetLanguage !== 'en') {
    throw new StageFailed(
      'TRANSLATION_PAIR_UNSUPPORTED',
      `there is no glossary from ${sourceLanguage} to ${targetLanguage}`,
    );
  }
  const segments = lines.flatMap((line) =>
    translateLine(line).map((span) => segmentOf(span, line.page)),
  );
  const { covered, total } = countWords(segments);
  const coverage = total === 0 ? 1 : covered / total;
  if (coverage < threshold) {
    throw new StageFailed(
      'TRANSLATION_COVERAGE_BELOW_THRESHOLD',
      `the glossary covers ${percent(coverage)} of the words to be translated (${covered} of ${total}); ${percent(threshold)} are needed`,
    );
  }
  return {
    sourceLanguage,
    targetLanguage,
    engine: 'glossary',
    coverage,
    unchanged: false,
    segments,
  };
}

const percent = (part: number) => `${Math.floor(part * 100)}%`;

function segmentOf({ words, translation, state }: TranslatedSpan, page: number): Segment {
  const boxes = words.map(({ box }) => box);
  const box: Box = [
    Math.min(...boxes.map(([left]) => left)),
    Math.min(...boxes.map(([, top]) => top)),
    Math.max(...boxes.map(([, , right]) => right)),
    Math.max(...boxes.map(([, , , bottom]) => bottom)),
  ];
  return { text: words.map(({ text }) => text).join(' '), translation, state, page, box };
}

/** The number of words to be translated, and of translated ones. Kept words are not counted. */
function countWords(segments: readonly Segment[]): { covered: number; total: number } {
  const words = (state: Segment['state']) =>
    segments
      .filter((segment) => segment.state === state)
      .reduce((sum, { text }) => sum + text.split(' ').length, 0);
  const covered = words('translated');
  return { covered, total: covered + words('untranslated') };
}
