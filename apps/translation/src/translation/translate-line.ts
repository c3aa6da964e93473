import type { Line, Word } from '@casewire/reading';

import { type Match, matchAt } from '../glossary/matches.ts';
import { ends, type Token, tokensOf } from '../glossary/tokens.ts';

export type SpanState = 'translated' | 'kept' | 'untranslated';

/** Consecutive words of a line with the same state. */
export interface TranslatedSpan {
  words: Word[];
  translation: string;
  state: SpanState;
}

/** Numbers, codes, amounts, e-mail addresses: they are the same in every language. */
const isProtected = ({ word }: Token): boolean =>
  /[\d@]/.test(word.text) || !/\p{L}/u.test(word.text);

const isCapitalized = ({ word }: Token): boolean => /^[¿¡"«(]*\p{Lu}\p{Ll}/u.test(word.text);
/** Words between parts of a name: María de los Ángeles, Jerez de la Frontera. */
const nameParticles = new Set(['de', 'del', 'la', 'las', 'los', 'y', 'e', 'i', 'san', 'santa']);

/** Divides a line into spans: translated by the glossary, kept (names, numbers), or untranslated. */
export function translateLine(line: Line): TranslatedSpan[] {
  const tokens = tokensOf(line.words);
  const spans: TranslatedSpan[] = [];
  let expectsName = false;
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at]!;
    const name: number = nameLength(tokens, at, expectsName);
    const match: Match | null = name > 0 ? null : matchAt(tokens, at);
    if (match) {
      const part = tokens.slice(at, at + match.length);
      spans.push({
        words: part.map(({ word }) => word),
        translation: translated(match, part),
        state: 'translated',
      });
      expectsName = match.namesFollow;
      at += match.length;
      continue;
    }
    const length = Math.max(1, name);
    const part = tokens.slice(at, at + length);
    const state = name > 0 || isProtected(token) ? 'kept' : 'untranslated';
    append(
      spans,
      part.map(({ word }) => word),
      state,
    );
    // A name may have several words and ends with the sentence.
    expectsName = expectsName && name > 0 && !ends(part.at(-1)!);
    at += length;
  }
  return spans;
}

/** The number of tokens of the name that begins here; 0 where none begins. */
function nameLength(tokens: readonly Token[], from: number, expectsName: boolean): number {
  const first = tokens[from]!;
  if (!isCapitalized(first) && !(expectsName && isUpperCase(first))) return 0;
  // The first word of a sentence has a capital anyway. Before a comma it is the place of a date ("Cádiz, a …").
  const beginsSentence = !expectsName && (from === 0 || ends(tokens[from - 1]!));
  if (beginsSentence && first.after !== ',') return 0;
  // A word of the glossary is no name, unless a name is expected ("Lugar: Hospital …"); a label is never a name.
  const known = matchAt(tokens, from);
  if (known && (!expectsName || tokens[from + known.length - 1]!.after === ':')) return 0;
  let length = 1;
  while (from + length < tokens.length && tokens[from + length - 1]!.after === '') {
    const particles = particlesLength(tokens, from + length);
    const next = tokens[from + length + particles];
    if (!next || !(isCapitalized(next) || (expectsName && isUpperCase(next)))) break;
    if (particles === 0 && !expectsName && matchAt(tokens, from + length)) break;
    length += particles + 1;
  }
  return length;
}

const isUpperCase = ({ word }: Token): boolean =>
  /^\p{Lu}{2,}/u.test(word.text) || /^\p{Lu}\.$/u.test(word.text);

function particlesLength(tokens: readonly Token[], from: number): number {
  let length = 0;
  while (
    nameParticles.has(tokens[from + length]?.plain ?? '') &&
    tokens[from + length]!.after === ''
  )
    length++;
  return length;
}

/** The translation in the capitalization of the source, with its punctuation. */
function translated({ translation }: Match, part: readonly Token[]): string {
  const first = part[0]!.word.text;
  const upperCase = part.every(
    ({ word }) => word.text === word.text.toUpperCase() && /\p{L}{2}/u.test(word.text),
  );
  const cased = upperCase
    ? translation.toUpperCase()
    : /^[¿¡]*\p{Lu}/u.test(first)
      ? translation.replace(/^\p{L}/u, (letter) => letter.toUpperCase())
      : translation;
  return cased + part.at(-1)!.after;
}

/** Adds words to the last span where it has the same state. */
function append(spans: TranslatedSpan[], words: Word[], state: SpanState): void {
  const text = words.map((word) => word.text).join(' ');
  const last = spans.at(-1);
  if (last?.state !== state) {
    spans.push({ words, translation: text, state });
    return;
  }
  last.words.push(...words);
  last.translation += ` ${text}`;
}
