import { Readable } from 'node:stream';

import type { Box, ForensicsResult } from '@casewire/contracts';
import type { DocumentExaminer } from '@casewire/forensics';
import { classify, type DocumentReader, findFields, type Reading } from '@casewire/reading';
import { generate, type Sample, type SampleKind, type SampleOptions } from '@casewire/samples';
import { StageFailed } from '@casewire/stage-runtime';
import { translateDocument } from '@casewire/translation';

/** The results of one document, counted. */
export interface Measured {
  readMs: number;
  classified: boolean;
  fields: number;
  fieldsExact: number;
  words: number;
  wordsRead: number;
  forensicsMs: number;
  tampered: boolean;
  /** A tampered document has a finding at the tampered place. */
  found: boolean;
  /** A genuine document has another verdict than pass. */
  alarmed: boolean;
  verdict: ForensicsResult['verdict'];
  codes: string[];
  wrongFields: string[];
  /** Coverage of a translation from Spanish, or the code of its failure; null for other languages. */
  translation: number | string | null;
}

const today = new Date('2026-11-01T00:00:00Z');

/** Processes one generated document with the engines, like the stages. */
export async function measure(
  kind: SampleKind,
  options: SampleOptions,
  reader: DocumentReader,
  examiner: DocumentExaminer,
): Promise<Measured> {
  const sample = await generate(kind, options);
  const source = {
    mediaType: sample.mediaType,
    open: () => Promise.resolve(Readable.from([sample.bytes])),
  };
  const began = performance.now();
  const reading = await reader.read(source);
  const readMs = performance.now() - began;
  const { documentType } = classify(reading, today);
  const forensicsBegan = performance.now();
  const result = await examiner.examine({
    source,
    reading,
    documentType,
    today,
    signal: new AbortController().signal,
    storeImage: async () => 'not-kept.png',
  });
  return {
    readMs,
    classified: documentType === sample.truth.documentType,
    ...fieldsOf(reading, sample),
    ...wordsOf(reading, sample),
    forensicsMs: performance.now() - forensicsBegan,
    ...foundIn(result, sample),
    translation: translationOf(reading),
  };
}

function fieldsOf(reading: Reading, { truth }: Sample) {
  const found = findFields(reading, truth.documentType, today);
  const expected = Object.entries(truth.fields);
  const wrong = expected.filter(
    ([name, value]) => found.find((field) => field.name === name)?.value !== value,
  );
  return {
    fields: expected.length,
    fieldsExact: expected.length - wrong.length,
    wrongFields: wrong.map(
      ([name, value]) =>
        `${name}: ${value} / ${found.find((field) => field.name === name)?.value ?? 'none'}`,
    ),
  };
}

/** Counts each printed word as often as it was read, at most as often as it was printed. */
function wordsOf({ pages }: Reading, { truth }: Sample) {
  const read = new Map<string, number>();
  for (const { text } of pages.flatMap((page) => page.words))
    read.set(text, (read.get(text) ?? 0) + 1);
  const printed = truth.text.join(' ').split(/\s+/).filter(Boolean);
  let wordsRead = 0;
  for (const word of printed) {
    const left = read.get(word) ?? 0;
    if (left > 0) {
      wordsRead++;
      read.set(word, left - 1);
    }
  }
  return { words: printed.length, wordsRead };
}

function foundIn({ verdict, findings }: ForensicsResult, { truth }: Sample) {
  const codes = [...new Set(findings.map(({ code }) => code))];
  const { tampered } = truth;
  const found =
    tampered !== undefined &&
    verdict !== 'pass' &&
    findings.some(({ box }) => box !== null && overlap(box, tampered.box));
  return {
    tampered: tampered !== undefined,
    found,
    alarmed: tampered === undefined && verdict !== 'pass',
    verdict,
    codes,
  };
}

const overlap = (a: Box, b: Box): boolean =>
  // A finding about the whole page has no place.
  a[2] - a[0] < 0.9 && a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function translationOf(reading: Reading): number | string | null {
  if (reading.language !== 'es') return null;
  try {
    return translateDocument(reading, { targetLanguage: 'en', threshold: 0.8 }).coverage;
  } catch (error) {
    if (error instanceof StageFailed) return error.code;
    throw error;
  }
}
