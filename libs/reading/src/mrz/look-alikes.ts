const digitFor: Record<string, string> = {
  O: '0',
  Q: '0',
  D: '0',
  U: '0',
  I: '1',
  L: '1',
  Z: '2',
  A: '4',
  S: '5',
  G: '6',
  T: '7',
  B: '8',
};
const letterFor: Record<string, string> = {
  0: 'O',
  1: 'I',
  2: 'Z',
  4: 'A',
  5: 'S',
  6: 'G',
  8: 'B',
};

/** A character class of digits and of the letters that they are misread as. */
export const digitLike = `[0-9${Object.keys(digitFor).join('')}]`;

const replaceAll = (text: string, table: Record<string, string>) =>
  Array.from(text, (c) => table[c] ?? c).join('');

/** The text with letters replaced by the digits that look like them. */
export const asDigits = (text: string): string => replaceAll(text, digitFor);
/** The text with digits replaced by the letters that look like them. */
export const asLetters = (text: string): string => replaceAll(text, letterFor);

const lookAlikes: Record<string, string[]> = {
  0: ['O', 'D', 'Q'],
  O: ['0', 'D', 'Q'],
  D: ['0', 'O'],
  Q: ['0', 'O'],
  1: ['I', 'L'],
  I: ['1'],
  L: ['1', '<'],
  2: ['Z'],
  Z: ['2'],
  5: ['S'],
  S: ['5'],
  6: ['G'],
  G: ['6'],
  8: ['B'],
  B: ['8'],
  4: ['A'],
  A: ['4'],
  7: ['T'],
  T: ['7'],
  K: ['<', 'X'],
  X: ['K'],
  C: ['<'],
  '<': ['K', 'C'],
};

/** Every text that differs in one character that looks like another. */
export function lookAlikesOf(text: string): string[] {
  return Array.from(text).flatMap((character, i) =>
    (lookAlikes[character] ?? []).map((other) => text.slice(0, i) + other + text.slice(i + 1)),
  );
}
