import { expect, test } from 'vitest';

import { fontFamily } from './font-family.ts';
import { revisedText } from './revised-text.ts';
import { strayFonts } from './stray-fonts.ts';

type Box = [number, number, number, number];
const word = (text: string, x: number, y: number, name = 'ABCDEF+Helvetica-Bold') => ({
  text,
  box: [x, y, x + 0.05, y + 0.015] as Box,
  font: { name, size: 10 },
});
const lines = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    word(`w${i}`, 0.1 + (i % 8) * 0.1, 0.1 + Math.floor(i / 8) * 0.03),
  );

test.each([
  ['ABCDEF+Helvetica-BoldOblique', 'Helvetica'],
  ['Arial,Bold', 'Arial'],
  ['TimesNewRomanPS-BoldMT', 'TimesNewRoman'],
  ['TimesNewRomanPSMT', 'TimesNewRoman'],
  ['Times-Roman', 'Times'],
  ['Courier', 'Courier'],
])('the family of %s is %s', (name, family) => {
  expect(fontFamily(name)).toBe(family);
});

test('an amount in another font than its line is stray', () => {
  const [found, ...others] = strayFonts([...lines(48), word('9,999.00', 0.92, 0.1, 'Courier')]);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ text: '9,999.00', font: 'Courier', usual: 'Helvetica' });
});

test('a letterhead in another font has lines of its own', () => {
  expect(strayFonts([...lines(48), word('221', 0.1, 0.02, 'Times-Roman')])).toEqual([]);
});

test('a page that mixes fonts has no stray fonts', () => {
  const mixed = lines(48).map((each, i) =>
    i % 4 ? each : { ...each, font: { name: 'Courier', size: 10 } },
  );
  expect(strayFonts(mixed)).toEqual([]);
});

test('replaced words are found with the words before them', () => {
  const before = [word('Total', 0.1, 0.1), word('100.00', 0.8, 0.1)];
  const after = [word('Total', 0.1, 0.1), word('900.00', 0.8, 0.1), word('New', 0.1, 0.5)];
  expect(revisedText(before, after)).toEqual([
    { box: after[1]!.box, before: '100.00', after: '900.00' },
    { box: after[2]!.box, before: '', after: 'New' },
  ]);
});
