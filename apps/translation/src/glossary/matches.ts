import { isNumberWord, spanishNumber } from '@casewire/reading';

import { beforeNames, months, phrases } from './es-en.data.ts';
import { ends, type Token } from './tokens.ts';

/** A translation of consecutive tokens. */
export interface Match {
  /** Number of tokens. */
  length: number;
  translation: string;
  /** The tokens after it are a name. */
  namesFollow: boolean;
}

const longestPhrase = Math.max(...Object.keys(phrases).map((phrase) => phrase.split(' ').length));

/** The match at this token: a date, a time, the longest phrase, a month or a number; null where there is none. */
export function matchAt(tokens: readonly Token[], from: number): Match | null {
  return (
    dateAt(tokens, from) ??
    timeAt(tokens, from) ??
    phraseAt(tokens, from) ??
    monthAt(tokens, from) ??
    numberAt(tokens, from)
  );
}

function phraseAt(tokens: readonly Token[], from: number): Match | null {
  for (let length = Math.min(longestPhrase, tokens.length - from); length > 0; length--) {
    const part = tokens.slice(from, from + length);
    // A phrase does not extend beyond the end of a sentence.
    if (part.slice(0, -1).some(ends)) continue;
    const phrase = part.map(({ plain }) => plain).join(' ');
    const translation = phrases[phrase];
    if (translation !== undefined)
      return { length, translation, namesFollow: beforeNames.has(phrase) };
  }
  return null;
}

/** "el 2 de febrero de 1964", "a veintisiete de enero de dos mil veintiséis": with the word before it, which becomes "on". */
function dateAt(tokens: readonly Token[], from: number): Match | null {
  const lead = ['el', 'a'].includes(tokens[from]!.plain) ? 1 : 0;
  const day = numeralAt(tokens, from + lead, 31);
  if (!day) return null;
  let at = from + lead + day.length;
  if (tokens[at]?.plain !== 'de') return null;
  const month = months[tokens[at + 1]?.plain ?? ''];
  at += 2;
  if (!month || !['de', 'del'].includes(tokens[at]?.plain ?? '')) return null;
  const year = numeralAt(tokens, at + 1, 2999);
  if (!year) return null;
  const length = at + 1 + year.length - from;
  return plain(length, `${lead ? 'on ' : ''}${day.value} ${month} ${year.value}`);
}

/** "las dieciséis horas y treinta minutos". */
function timeAt(tokens: readonly Token[], from: number): Match | null {
  if (!['las', 'la'].includes(tokens[from]!.plain)) return null;
  const hours = numeralAt(tokens, from + 1, 24);
  if (!hours) return null;
  let at = from + 1 + hours.length;
  if (!/^horas?$/.test(tokens[at]?.plain ?? '')) return null;
  at++;
  const minutes = tokens[at]?.plain === 'y' ? numeralAt(tokens, at + 1, 59) : null;
  const end = minutes ? at + 1 + minutes.length : at;
  const complete = minutes && /^minutos?$/.test(tokens[end]?.plain ?? '');
  const time = `${two(hours.value)}:${two(complete ? minutes.value : 0)}`;
  return plain((complete ? end + 1 : at) - from, time);
}

const two = (value: number) => String(value).padStart(2, '0');

const monthAt = (tokens: readonly Token[], from: number): Match | null => {
  const month = months[tokens[from]!.plain];
  return month ? plain(1, month) : null;
};

/** Numbers in words become digits, so that a reader can compare them with other documents. */
function numberAt(tokens: readonly Token[], from: number): Match | null {
  // "un" and "una" are articles more often than numbers.
  if (/^una?$/.test(tokens[from]!.plain) || !isNumberWord(tokens[from]!.plain)) return null;
  const numeral = numeralAt(tokens, from, 999_999);
  return numeral ? plain(numeral.length, String(numeral.value)) : null;
}

const plain = (length: number, translation: string): Match => ({
  length,
  translation,
  namesFollow: false,
});

/** The longest number at this token, in digits or words. */
function numeralAt(
  tokens: readonly Token[],
  from: number,
  maximum: number,
): { value: number; length: number } | null {
  const first = tokens[from];
  if (!first) return null;
  if (/^\d{1,6}$/.test(first.plain)) {
    const value = Number(first.plain);
    return value <= maximum ? { value, length: 1 } : null;
  }
  let [length, value] = [0, -1];
  for (let end = from; end < tokens.length; end++) {
    const { plain: word } = tokens[end]!;
    if (!isNumberWord(word) && !(word === 'y' && end > from)) break;
    const read =
      word === 'y'
        ? null
        : spanishNumber(
            tokens
              .slice(from, end + 1)
              .map((token) => token.plain)
              .join(' '),
          );
    if (read !== null && read <= maximum) [length, value] = [end + 1 - from, read];
    if (tokens[end]!.after !== '') break;
  }
  return length > 0 ? { value, length } : null;
}
