import { plainText, type Word } from '@casewire/reading';

/** A word of a line in the form of the glossary. */
export interface Token {
  word: Word;
  /** In lower case, without accents and punctuation. */
  plain: string;
  /** The punctuation after it, which is kept. */
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
