import { eld } from 'eld/small';

/** A shorter text does not determine a language. */
const minimumLetters = 24;

/** The language of most of the text by ISO 639-1, or null where the text is too short. */
export function languageOf(text: string): string | null {
  const letters = text.replaceAll(/[^\p{L}\s]/gu, ' ');
  if (letters.replaceAll(/\s/g, '').length < minimumLetters) return null;
  const { language } = eld.detect(letters);
  return language.length === 2 ? language : null;
}
