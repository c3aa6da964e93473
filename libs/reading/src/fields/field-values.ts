import type { FieldRule, ValueKind } from '../document-types/document-type-rules.ts';
import { plainText } from '../text/plain-text.ts';
import { findAmounts } from '../values/amount.ts';
import { findDates } from '../values/date.ts';
import { isIban } from '../values/iban.ts';
import { spanishNumber } from '../values/spanish-number.ts';

/** A value in a text: normalised, with its place. */
export interface FoundValue {
  value: string;
  index: number;
  length: number;
}

/** The value of the rule's kind in the text after a label, or null where there is none. */
export const findValue = (rule: FieldRule, text: string): FoundValue | null =>
  finders[rule.kind](text, rule);

const finders: Record<ValueKind, (text: string, rule: FieldRule) => FoundValue | null> = {
  date: (text, rule) => chosen(rule, findDates(text)),
  amount: (text, rule) => chosen(rule, findAmounts(text)),
  iban: findIban,
  code: (text, rule) => findCode(text, rule.shape ?? /^\S+$/),
  sex: findSex,
  time: findTime,
  name: (text) => findText(text, 'name'),
  text: (text) => findText(text, 'text'),
};

const chosen = ({ choose }: FieldRule, found: FoundValue[]): FoundValue | null =>
  (choose === 'last' ? found.at(-1) : found[0]) ?? null;

/** An IBAN, also in groups of four, and also with wrong check digits: forensics judges these. */
function findIban(text: string): FoundValue | null {
  const match = /[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}/.exec(text);
  if (!match) return null;
  // Words after the number may look like part of it: the longest valid part is the value.
  const groups = match[0].split(' ');
  for (let count = groups.length; count > 1; count--) {
    const part = groups.slice(0, count).join(' ');
    if (isIban(part))
      return { value: part.replaceAll(' ', ''), index: match.index, length: part.length };
  }
  return { value: match[0].replaceAll(' ', ''), index: match.index, length: match[0].length };
}

function findCode(text: string, shape: RegExp): FoundValue | null {
  for (const match of text.matchAll(/\S+/g)) {
    const value = match[0].replaceAll(/^[,.:;]+|[,.:;]+$/g, '');
    if (shape.test(value))
      return { value, index: match.index + match[0].indexOf(value), length: value.length };
  }
  return null;
}

function findSex(text: string): FoundValue | null {
  const match = /\b(m|f|mujer|hembra|female|varon|hombre|male)\b/.exec(plainText(text));
  if (!match) return null;
  const value = /^(f|mujer|hembra|female)$/.test(match[0]) ? 'F' : 'M';
  return { value, index: match.index, length: match[0].length };
}

/** "las dieciséis horas y treinta minutos", or 16:30. */
function findTime(text: string): FoundValue | null {
  const plain = plainText(text);
  const digital = /\b([01]?\d|2[0-3])[:.]([0-5]\d)\b/.exec(plain);
  if (digital) return timeOf(digital, Number(digital[1]), Number(digital[2]));
  const words = /\b(?:las? )?([a-z ]+?) horas?(?: y ([a-z ]+?) minutos?)?/.exec(plain);
  const hours = words && spanishNumber(words[1]!);
  if (!words || hours === null || hours > 23) return null;
  return timeOf(words, hours, words[2] ? (spanishNumber(words[2]) ?? 0) : 0);
}

const two = (value: number) => String(value).padStart(2, '0');

function timeOf(match: RegExpExecArray, hours: number, minutes: number): FoundValue {
  return { value: `${two(hours)}:${two(minutes)}`, index: match.index, length: match[0].length };
}

/** The whole text without punctuation at its ends. Names have letters and no digits. */
function findText(text: string, kind: 'name' | 'text'): FoundValue | null {
  const value = text.replaceAll(/^[\s:.,;|-]+|[\s:;,|]+$/g, '');
  const fits = kind === 'text' ? value.length > 1 : /^[^\d]*\p{L}{2,}[^\d]*$/u.test(value);
  return fits ? { value, index: text.indexOf(value), length: value.length } : null;
}
