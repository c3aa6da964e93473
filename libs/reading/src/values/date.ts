import { plainText } from '../text/plain-text.ts';
import { spanishNumber } from './spanish-number.ts';

const monthNames = [
  ['january', 'jan', 'enero', 'ene'],
  ['february', 'feb', 'febrero'],
  ['march', 'mar', 'marzo'],
  ['april', 'apr', 'abril', 'abr'],
  ['may', 'mayo'],
  ['june', 'jun', 'junio'],
  ['july', 'jul', 'julio'],
  ['august', 'aug', 'agosto', 'ago'],
  ['september', 'sept', 'sep', 'septiembre', 'setiembre'],
  ['october', 'oct', 'octubre'],
  ['november', 'nov', 'noviembre'],
  ['december', 'dec', 'diciembre', 'dic'],
];
const monthOf = new Map(
  monthNames.flatMap((names, month) => names.map((name) => [name, month + 1] as const)),
);
const months = [...monthOf.keys()].toSorted((a, b) => b.length - a.length).join('|');

const numeric = /\b(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})\b/g;
const iso = /\b(\d{4})-(\d{2})-(\d{2})\b/g;
const named = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th)?\\.?\\s*(?:de\\s+|of\\s+)?(${months})\\.?\\s*(?:de\\s+|del\\s+|,\\s*)?(\\d{4})\\b`,
  'g',
);
const monthFirst = new RegExp(
  `\\b(${months})\\.?\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(\\d{4})\\b`,
  'g',
);
const inWords = new RegExp(
  `\\b([a-z]+(?: y [a-z]+)?)\\s+(?:de\\s+|mes:?\\s*)(${months})\\s+(?:de\\s+|del\\s+|ano:?\\s*)((?:dos )?mil[a-z ]*)`,
  'g',
);

/** A date in a text: its value as YYYY-MM-DD, and its place. */
export interface FoundDate {
  value: string;
  index: number;
  length: number;
}

/**
 * Every date in the text, in order: 28/09/2026 (day first), 2026-09-28, 12 Aug 2026, 12 de octubre de 2026, and
 * Spanish words ("catorce de agosto de mil novecientos noventa y tres").
 */
export function findDates(text: string): FoundDate[] {
  const plain = plainText(text);
  const found: FoundDate[] = [];
  const add = (
    match: RegExpExecArray,
    year: number,
    month: number,
    day: number,
    length = match[0].length,
  ) => {
    const value = calendarDate(year, month, day);
    if (value) found.push({ value, index: match.index, length });
  };
  for (const m of plain.matchAll(numeric)) add(m, Number(m[3]), Number(m[2]), Number(m[1]));
  for (const m of plain.matchAll(iso)) add(m, Number(m[1]), Number(m[2]), Number(m[3]));
  for (const m of plain.matchAll(named)) add(m, Number(m[3]), monthOf.get(m[2]!)!, Number(m[1]));
  for (const m of plain.matchAll(monthFirst))
    add(m, Number(m[3]), monthOf.get(m[1]!)!, Number(m[2]));
  for (const m of plain.matchAll(inWords)) {
    const day = spanishNumber(m[1]!) ?? spanishNumber(m[1]!.split(' ').at(-1)!);
    const year = longestNumber(m[3]!);
    if (day === null || !year) continue;
    add(m, year.value, monthOf.get(m[2]!)!, day, m[0].length - m[3]!.length + year.length);
  }
  return found.toSorted((a, b) => a.index - b.index);
}

/** The longest number at the start of the words. */
function longestNumber(text: string): { value: number; length: number } | null {
  const words = text.trimEnd().split(' ');
  for (let count = words.length; count > 0; count--) {
    const value = spanishNumber(words.slice(0, count).join(' '));
    if (value !== null && words[count - 1] !== 'y')
      return { value, length: words.slice(0, count).join(' ').length };
  }
  return null;
}

function calendarDate(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const real =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 1800 && year < 2200;
  return real ? date.toISOString().slice(0, 10) : null;
}
