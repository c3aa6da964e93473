import { plainText } from '../text/plain-text.ts';

const units = [
  'cero',
  'uno',
  'dos',
  'tres',
  'cuatro',
  'cinco',
  'seis',
  'siete',
  'ocho',
  'nueve',
  'diez',
  'once',
  'doce',
  'trece',
  'catorce',
  'quince',
  'dieciseis',
  'diecisiete',
  'dieciocho',
  'diecinueve',
  'veinte',
  'veintiuno',
  'veintidos',
  'veintitres',
  'veinticuatro',
  'veinticinco',
  'veintiseis',
  'veintisiete',
  'veintiocho',
  'veintinueve',
];
const values = new Map<string, number>(units.map((word, value) => [word, value]));
for (const [word, value] of [
  ['un', 1],
  ['una', 1],
  ['primero', 1],
  ['veintiun', 21],
  ['veintiuna', 21],
] as const)
  values.set(word, value);
['treinta', 'cuarenta', 'cincuenta', 'sesenta', 'setenta', 'ochenta', 'noventa'].forEach(
  (word, i) => values.set(word, 30 + i * 10),
);
[
  ['cien', 'ciento'],
  ['doscientos', 'doscientas'],
  ['trescientos', 'trescientas'],
  ['cuatrocientos', 'cuatrocientas'],
  ['quinientos', 'quinientas'],
  ['seiscientos', 'seiscientas'],
  ['setecientos', 'setecientas'],
  ['ochocientos', 'ochocientas'],
  ['novecientos', 'novecientas'],
].forEach((words, i) => words.forEach((word) => values.set(word, (i + 1) * 100)));

/** Whether the word can be part of a Spanish number. */
export const isNumberWord = (word: string): boolean => {
  const plain = plainText(word);
  return plain === 'mil' || values.has(plain);
};

/** The value of a number in Spanish words ("mil novecientos noventa y tres"), or null where they are no number. */
export function spanishNumber(text: string): number | null {
  const words = plainText(text)
    .split(/\s+/)
    .filter((word) => word && word !== 'y');
  if (words.length === 0) return null;
  let [total, part] = [0, 0];
  for (const word of words) {
    if (word === 'mil') {
      total += (part || 1) * 1000;
      part = 0;
      continue;
    }
    const value = values.get(word);
    if (value === undefined) return null;
    part += value;
  }
  return total + part;
}
