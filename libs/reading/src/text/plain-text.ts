/** The text in lower case without accents. Its length and the positions of its characters do not change. */
export const plainText = (text: string): string =>
  Array.from(text, (character) => {
    const base = character.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
    return base.length === character.length
      ? base
      : character.toLowerCase().slice(0, character.length);
  }).join('');
