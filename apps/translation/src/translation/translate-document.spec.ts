import { Readable } from 'node:stream';

import { TranslationResult } from '@casewire/contracts';
import { type Line, openReader, type OpenReader } from '@casewire/reading';
import { generate, type Language, type SampleKind } from '@casewire/samples';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { translateDocument } from './translate-document.ts';
import { translateLine } from './translate-line.ts';

let opened: OpenReader;
beforeAll(() => {
  opened = openReader({ ocrWorkers: 1 });
});
afterAll(() => opened.close());

async function translated(
  kind: SampleKind,
  seed: number,
  more: { language?: Language; targetLanguage?: string; threshold?: number } = {},
) {
  const { language = 'es', targetLanguage = 'en', threshold = 0.8 } = more;
  const { bytes, mediaType, truth } = await generate(kind, { seed, language });
  const open = () => Promise.resolve(Readable.from([bytes]));
  const reading = await opened.reader.read({ mediaType, open });
  const result = TranslationResult.parse(translateDocument(reading, { targetLanguage, threshold }));
  const text = result.segments.map(({ translation }) => translation).join(' ');
  return { truth, result, text };
}

const line = (text: string): Line => ({
  page: 1,
  text,
  box: [0, 0, 1, 1],
  words: text
    .split(/\s+/)
    .map((word) => ({ text: word, box: [0, 0, 1, 1], confidence: 1, line: 0, font: null })),
});
const spansOf = (text: string) =>
  translateLine(line(text)).map(({ translation, state }) => `${state[0]}:${translation}`);

test.each([
  ['Nombre: María de los Ángeles', ['t:Name:', 'k:María de los Ángeles']],
  ['Primer apellido: Casado', ['t:First surname:', 'k:Casado']],
  [
    'Nacido en Jerez de la Frontera, el 2 de febrero de 1964',
    ['t:Born in', 'k:Jerez de la Frontera,', 't:on 2 February 1964'],
  ],
  ['Hora de nacimiento: las dieciséis horas y treinta minutos', ['t:Time of birth:', 't:16:30']],
  [
    'Día: catorce Mes: agosto Año: mil novecientos noventa y tres',
    ['t:Day:', 't:14', 't:Month:', 't:August', 't:Year:', 't:1993'],
  ],
  ['Cádiz, a veintisiete de enero de dos mil veintiséis.', ['k:Cádiz,', 't:on 27 January 2026.']],
  ['REGISTRO CIVIL DE CÁDIZ', ['t:CIVIL REGISTRY OF', 'k:CÁDIZ']],
  [
    '¿Existe matrimonio de los padres? Sí, celebrado el 30 de mayo de 1990.',
    ['t:Are the parents married?', 't:Yes,', 't:celebrated', 't:on 30 May 1990.'],
  ],
  [
    'Sección 1.ª, Tomo 00214, Página 087',
    ['t:Section', 'k:1.ª,', 't:Volume', 'k:00214,', 't:Page', 'k:087'],
  ],
  [
    'El Encargado del Registro Civil, D. Íñigo Núñez Acuña',
    ['t:The Registrar,', 'k:D. Íñigo Núñez Acuña'],
  ],
  ['Estado civil: casada', ['t:Marital status:', 't:married']],
  [
    'Las reparaciones necesarias para conservar la vivienda',
    ['u:Las reparaciones necesarias para conservar la vivienda'],
  ],
])('%s', (text, spans) => {
  expect(spansOf(text)).toEqual(spans);
});

test('a Spanish certificate is translated almost completely', async () => {
  const { result } = await translated('birth_certificate', 131);
  expect(result).toMatchObject({
    sourceLanguage: 'es',
    targetLanguage: 'en',
    engine: 'glossary',
    unchanged: false,
  });
  expect(result.coverage).toBeGreaterThan(0.96);
});

test('the labels of a Spanish invoice are translated, and its goods are marked as untranslated', async () => {
  const { result } = await translated('invoice', 131, { threshold: 0.5 });
  const of = (state: string) => result.segments.filter((segment) => segment.state === state);
  expect(of('translated').map(({ translation }) => translation)).toContain('Invoice number');
  expect(of('untranslated').length).toBeGreaterThan(0);
  expect(result.coverage).toBeLessThan(0.8);
});

test('names, numbers and places of a certificate do not change', async () => {
  const { text, truth } = await translated('birth_certificate', 132);
  for (const name of [
    'given_names',
    'father_name',
    'mother_name',
    'volume',
    'page',
    'place_of_birth',
  ]) {
    expect(text).toContain(truth.fields[name]);
  }
  expect(text).toContain(`Time of birth: ${truth.fields.time_of_birth}`);
});

test('a text that the glossary does not cover fails with the coverage', async () => {
  await expect(translated('legal_text', 133)).rejects.toMatchObject({
    code: 'TRANSLATION_COVERAGE_BELOW_THRESHOLD',
    detail: expect.stringMatching(
      /covers \d{1,2}% of the words to be translated \(\d+ of \d+\); 80% are needed/,
    ) as string,
  });
});

test('with a threshold of 0 a partial translation is returned, with untranslated words marked', async () => {
  const { result } = await translated('legal_text', 134, { threshold: 0 });
  expect(result.coverage).toBeLessThan(0.3);
  const left = result.segments.filter(({ state }) => state === 'untranslated');
  expect(left.every(({ text, translation }) => text === translation)).toBe(true);
  expect(left.length).toBeGreaterThan(5);
});

test('a text in the target language does not change', async () => {
  const { result } = await translated('letter', 135, { language: 'en' });
  expect(result).toMatchObject({ sourceLanguage: 'en', coverage: 1, unchanged: true });
  expect(
    result.segments.every(
      ({ state, text, translation }) => state === 'kept' && text === translation,
    ),
  ).toBe(true);
});

test('a pair of languages without a glossary fails', async () => {
  await expect(
    translated('letter', 136, { language: 'en', targetLanguage: 'fr' }),
  ).rejects.toMatchObject({
    code: 'TRANSLATION_PAIR_UNSUPPORTED',
  });
});

test('a document without text has no language', () => {
  const empty = {
    version: '1' as const,
    mediaType: 'image/png' as const,
    language: null,
    pages: [],
  };
  expect(() => translateDocument(empty, { targetLanguage: 'en', threshold: 0.8 })).toThrow(
    'too little text',
  );
});
