import { expect, test } from 'vitest';

import { addZoneFields } from './mrz-fields.ts';

const today = new Date('2026-11-01');
const box: [number, number, number, number] = [0, 0.9, 1, 1];
const reading = (second = 'L898902C36UTO7408122F1204159ZE184226B<<<<<10') => ({
  pages: [
    {
      page: 1,
      source: 'ocr' as const,
      dpi: 300,
      rotation: 0 as const,
      aspect: 1.4,
      words: [],
      zone: [
        { text: 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', box },
        { text: second, box },
      ],
    },
  ],
});
const printed = (name: string, value: string) => ({
  name,
  value,
  text: value,
  confidence: 0.8,
  page: 1,
  box: [0.3, 0.3, 0.5, 0.33] as [number, number, number, number],
});
const find = (fields: ReturnType<typeof addZoneFields>, name: string) =>
  fields.find((field) => field.name === name)!;

test('a name on which print and zone agree keeps its accents and gains confidence', () => {
  const surname = find(
    addZoneFields([printed('surname', 'ÉRIKSSON')], reading(), today),
    'surname',
  );
  expect(surname).toMatchObject({
    value: 'ÉRIKSSON',
    confidence: 0.95,
    box: [0.3, 0.3, 0.5, 0.33],
  });
});

test('where print and a consistent zone differ, the zone is used, with little confidence', () => {
  const fields = addZoneFields([printed('date_of_birth', '1984-08-12')], reading(), today);
  expect(find(fields, 'date_of_birth')).toMatchObject({ value: '1974-08-12', confidence: 0.5 });
});

test('where the zone is not consistent, the print is used', () => {
  const broken = reading('L898902C36UTO7408123F1204159ZE184226B<<<<<10');
  const fields = addZoneFields([printed('date_of_expiry', '2012-04-16')], broken, today);
  expect(find(fields, 'date_of_expiry')).toMatchObject({ value: '2012-04-16', confidence: 0.4 });
});

test('a field of only the zone or only the print is used', () => {
  const fields = addZoneFields([printed('place_of_birth', 'ZENITH')], reading(), today);
  expect(find(fields, 'document_number')).toMatchObject({
    value: 'L898902C3',
    confidence: 0.9,
    box,
  });
  expect(find(fields, 'place_of_birth').value).toBe('ZENITH');
});

test('without a zone the printed fields do not change', () => {
  const without = { pages: [{ ...reading().pages[0]!, zone: [] }] };
  const fields = [printed('surname', 'ERIKSSON')];
  expect(addZoneFields(fields, without, today)).toEqual(fields);
});
