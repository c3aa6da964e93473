import type { CorrectedField, ExtractionResult } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { corrected, correctionsUpTo, type StoredVersion } from './extraction-version.ts';

const field = (name: string, value: string, page = 1) => ({
  name,
  value,
  text: value.toUpperCase(),
  confidence: 0.8,
  page,
  box: [0.1, 0.2, 0.3, 0.4] as [number, number, number, number],
});
const result: ExtractionResult = {
  documentType: 'passport',
  fields: [field('surname', 'Garcia', 2), field('date_of_birth', '1990-01-01')],
  rows: [{ table: 'lines', cells: [field('surname', 'in a row')] }],
  ocrConfidence: 0.9,
};
const fieldsAfter = (...corrections: CorrectedField[][]) => corrected(result, corrections).fields;

test('a corrected field has the new value and text, with confidence 1, at its place', () => {
  expect(fieldsAfter([{ name: 'surname', value: 'García' }])).toEqual([
    { ...field('surname', 'García', 2), text: 'García', confidence: 1 },
    result.fields[1],
  ]);
});

test('a new field is on page 1, without an area, after the others', () => {
  const added = fieldsAfter([{ name: 'sex', value: 'F' }]);
  expect(added).toEqual([
    ...result.fields,
    { name: 'sex', value: 'F', text: 'F', confidence: 1, page: 1, box: [0, 0, 0, 0] },
  ]);
});

test('null removes a field, and a field that was removed can be added again', () => {
  const removed: CorrectedField[] = [{ name: 'surname', value: null }];
  expect(fieldsAfter(removed)).toEqual([result.fields[1]]);
  expect(fieldsAfter(removed, [{ name: 'surname', value: 'García' }])).toEqual([
    result.fields[1],
    { name: 'surname', value: 'García', text: 'García', confidence: 1, page: 1, box: [0, 0, 0, 0] },
  ]);
  expect(fieldsAfter([{ name: 'nothing', value: null }])).toEqual(result.fields);
});

test('of two corrections of a field the later one counts', () => {
  const twice = [[{ name: 'surname', value: 'One' }], [{ name: 'surname', value: 'Two' }]];
  expect(fieldsAfter(...twice)[0]).toMatchObject({ value: 'Two', page: 2 });
});

test('a field that the document has several times is corrected once, and removed everywhere', () => {
  const twice = { ...result, fields: [...result.fields, field('surname', 'Other')] };
  const named = (value: string | null) =>
    corrected(twice, [[{ name: 'surname', value }]]).fields.filter((one) => one.name === 'surname');
  expect(named('García')).toMatchObject([{ value: 'García', page: 2 }]);
  expect(named(null)).toEqual([]);
});

test('a correction changes neither rows nor the result that it is laid over', () => {
  const before = structuredClone(result);
  const { rows, documentType, ocrConfidence } = corrected(result, [
    [{ name: 'surname', value: 'García' }],
  ]);
  expect({ rows, documentType, ocrConfidence }).toEqual({
    rows: result.rows,
    documentType: 'passport',
    ocrConfidence: 0.9,
  });
  expect(result).toEqual(before);
});

const run = (version: number): StoredVersion => ({ version, cause: 'run', fields: null });
const correction = (version: number, value: string): StoredVersion => ({
  version,
  cause: 'correction',
  fields: [{ name: 'surname', value }],
});
const versions = [run(1), correction(2, 'a'), correction(3, 'b'), run(4), correction(5, 'c')];

test.each([
  [1, []],
  [2, ['a']],
  [3, ['a', 'b']],
  [4, []],
  [5, ['c']],
])('version %i has the corrections since the last run before it: %j', (version, values) => {
  const upTo = correctionsUpTo(versions, version);
  expect(upTo?.found.version).toBe(version);
  expect(upTo?.corrections.map((fields) => fields[0]?.value)).toEqual(values);
});

test('a version that the document never had is not found', () => {
  expect(correctionsUpTo(versions, 6)).toBeUndefined();
  expect(correctionsUpTo([], 1)).toBeUndefined();
});
