import type { Line, Word } from '@casewire/reading';

import { type Match, matchAt } from '../glossary/matches.ts';
import { ends, type Token, tokensOf } from '../glossary/tokens.ts';

export type SpanState = 'translated' | 'kept' | 'untranslated';

/** Words of a line that were dealt with together. */
export interface TranslatedSpan {
  words: Word[];
  translation: string;
  state: SpanState;
}

/** Figures, codes, amounts, addresses of the net: the same in every language. */
const isProtected = ({ word }: Token): boolean =>
  /[\d@]/.test(word.text) || !/\p{L}/u.test(word.text);

const isCapitalized = ({ word }: Token): boolean => /^[¿¡"«(]*\p{Lu}\p{Ll}/u.test(word.text);
/** Words that join parts of a name: María de los Ángeles, Jerez de la Frontera. */
const joins = new Set(['de', 'del', 'la', 'las', 'los', 'y', 'e', 'i', 'san', 'santa']);

/** Cuts a line into spans: what the glossary knows, what has to stay as it is, and what is not known. */
export function translateLine(line: Line): TranslatedSpan[] {
  const tokens = tokensOf(line.words);
  const spans: TranslatedSpan[] = [];
  let naming = false;
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at]!;
    const name: number = nameLength(tokens, at, naming);
    const match: Match | null = name > 0 ? null : matchAt(tokens, at);
    if (match) {
      const part = tokens.slice(at, at + match.length);
      spans.push({
        words: part.map(({ word }) => word),
        translation: translated(match, part),
        state: 'translated',
      });
      naming = match.namesFollow;
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
    // A name goes on over its words and ends with the sentence.
    naming = naming && name > 0 && !ends(part.at(-1)!);
    at += length;
  }
  return spans;
}

/** How many tokens from here on are one name; 0: none. */
function nameLength(tokens: readonly Token[], from: number, naming: boolean): number {
  const first = tokens[from]!;
  if (!isCapitalized(first) && !(naming && isShouted(first))) return 0;
  // The first word of a sentence is written large anyway, unless it stands alone before a comma: the place of a date.
  const opens = !naming && (from === 0 || ends(tokens[from - 1]!));
  if (opens && first.after !== ',') return 0;
  // What the glossary knows is no name, unless one is expected ("Lugar: Hospital …"), and then a label is none.
  const known = matchAt(tokens, from);
  if (known && (!naming || tokens[from + known.length - 1]!.after === ':')) return 0;
  let length = 1;
  while (from + length < tokens.length && tokens[from + length - 1]!.after === '') {
    const joining = joiningLength(tokens, from + length);
    const next = tokens[from + length + joining];
    if (!next || !(isCapitalized(next) || (naming && isShouted(next)))) break;
    if (joining === 0 && !naming && matchAt(tokens, from + length)) break;
    length += joining + 1;
  }
  return length;
}

const isShouted = ({ word }: Token): boolean =>
  /^\p{Lu}{2,}/u.test(word.text) || /^\p{Lu}\.$/u.test(word.text);

function joiningLength(tokens: readonly Token[], from: number): number {
  let length = 0;
  while (joins.has(tokens[from + length]?.plain ?? '') && tokens[from + length]!.after === '')
    length++;
  return length;
}

/** Written large where the source is, with its punctuation. */
function translated({ translation }: Match, part: readonly Token[]): string {
  const first = part[0]!.word.text;
  const shouted = part.every(
    ({ word }) => word.text === word.text.toUpperCase() && /\p{L}{2}/u.test(word.text),
  );
  const cased = shouted
    ? translation.toUpperCase()
    : /^[¿¡]*\p{Lu}/u.test(first)
      ? translation.replace(/^\p{L}/u, (letter) => letter.toUpperCase())
      : translation;
  return cased + part.at(-1)!.after;
}

/** Neighbours that were left alone for the same reason make one span. */
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
