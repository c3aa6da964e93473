import { asLetters } from './look-alikes.ts';

const spaced = (text: string) => text.replaceAll(/<+/g, ' ').trim();

/**
 * Surname and given names of a zone's name field (ICAO Doc 9303 part 3, 4.6: two fillers between them, one
 * between words). Fillers at the end are often read as K, L or C: such a tail is removed.
 */
export function zoneNames(field: string): { surname: string; givenNames: string } {
  const letters = asLetters(field);
  const separator = /<<+|<[KLC](?=[A-Z])/.exec(letters);
  if (!separator) return { surname: spaced(withoutTail(letters)), givenNames: '' };
  const rest = letters.slice(separator.index + separator[0].length);
  const givenNames = withoutTail(rest.split('<<')[0]!);
  return { surname: spaced(letters.slice(0, separator.index)), givenNames: spaced(givenNames) };
}

const withoutTail = (text: string) =>
  text.replace(/(<[KLCSXEI<]{2,}|(<[KLC])+|[KLC]{4,}|K{2,})$/, '').replace(/(<[KLC]|K{2,})$/, '');

/** The name field with fillers, in the given length. */
export const nameField = (
  { surname, givenNames }: { surname: string; givenNames: string },
  length: number,
): string => `${surname}<<${givenNames}`.replaceAll(' ', '<').slice(0, length).padEnd(length, '<');
