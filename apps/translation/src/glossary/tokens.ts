import { plainText, type Word } from '@casewire/reading';

/** A word of a line, ready to be looked up. */
export interface Token {
  word: Word;
  /** Lower case, without accents and what stands around it. */
  plain: string;
  /** Punctuation after it, which stays. */
  after: string;
}

export const tokensOf = (words: readonly Word[]): Token[] =>
  words.map((word) => {
    const bare = word.text.replace(/^[¿¡"«(]+/, '');
    const core = bare.replace(/[.,:;?!)"»]+$/, '');
    return { word, plain: plainText(core).replace('º', 'o'), after: bare.slice(core.length) };
  });

/** Whether a sentence or a value ends with this token. An initial or "D." does not end one. */
export const ends = ({ after, plain }: Token): boolean =>
  /[:;?!]/.test(after) || (after.includes('.') && plain.length > 1);
