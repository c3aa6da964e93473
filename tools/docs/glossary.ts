/** One row of the glossary. */
export interface Term {
  name: string;
  means: string;
  isNot: string;
}

/** The rows of docs/glossary.md, from top to bottom. */
export const termsOf = (page: string): Term[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => {
      const [name = '', means = '', isNot = ''] = line.slice(2, -2).split(' | ');
      return { name, means, isNot };
    });

/** Terms that are not after the one before them in the alphabet, upper and lower case alike. */
export function unsorted(terms: readonly Term[]): string[] {
  const names = terms.map(({ name }) => name.toLowerCase());
  return terms.filter((_, i) => i > 0 && names[i - 1]! >= names[i]!).map(({ name }) => name);
}

/** Terms without a meaning, or without what they are not. */
export const unexplained = (terms: readonly Term[]): string[] =>
  terms.filter(({ means, isNot }) => !means.trim() || !isNot.trim()).map(({ name }) => name);

/**
 * Terms that no text uses: neither as words, nor as an identifier in camelCase, snake_case or kebab-case.
 * @param texts pages and sources without the glossary
 */
export function unused(terms: readonly Term[], texts: readonly string[]): string[] {
  const words = texts.map(wordsOf).join('\n');
  const isUsed = (name: string) => new RegExp(`\\b${name.toLowerCase()}(s|es|d)?\\b`).test(words);
  return terms.filter(({ name }) => !name.split(', ').every(isUsed)).map(({ name }) => name);
}

// `StageResult`, `stage_result` and `stage-results` are uses of `stage result`.
const wordsOf = (text: string) =>
  text
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .replaceAll(/[_-]/g, ' ')
    .toLowerCase();
