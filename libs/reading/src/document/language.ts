import { eld } from 'eld/small';

const fewestLetters = 24;

/** ISO 639-1 of the language that most of the text is in, or null where there is too little of it to tell. */
export function languageOf(text: string): string | null {
  const letters = text.replaceAll(/[^\p{L}\s]/gu, ' ');
  if (letters.replaceAll(/\s/g, '').length < fewestLetters) return null;
  const { language } = eld.detect(letters);
  return language.length === 2 ? language : null;
}
