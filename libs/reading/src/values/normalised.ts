/** Lower case without accents, character by character, so that positions stay where they were. */
export const plainText = (text: string): string =>
  Array.from(text, (character) => {
    const base = character.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
    return base.length === character.length
      ? base
      : character.toLowerCase().slice(0, character.length);
  }).join('');
