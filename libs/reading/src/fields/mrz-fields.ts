import type { ExtractedField } from '@casewire/contracts';

import {
  decodeZone,
  isConsistent,
  type MachineReadableZone,
} from '../mrz/machine-readable-zone.ts';
import { unionOf } from '../text/lines.ts';
import { plainText } from '../text/plain-text.ts';
import type { Reading } from '../text/reading.ts';

/** A name in the spelling of a zone: capitals without accents, single spaces. */
export const zoneSpelling = (name: string): string =>
  plainText(name)
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, ' ')
    .trim();

/**
 * Merges the printed fields with those of the machine-readable zone. Where both agree, the print is used (it has accents).
 * Where they differ, a consistent zone is used with a confidence of 0.5: one of the two was changed or misread.
 * @param today determines the century of the date of birth
 */
export function addZoneFields(
  printed: readonly ExtractedField[],
  { pages }: Pick<Reading, 'pages'>,
  today: Date,
): ExtractedField[] {
  for (const { page, zone: lines } of pages) {
    const zone = decodeZone(
      lines.map(({ text }) => text),
      today,
    );
    if (!zone) continue;
    const box = unionOf(zone.rows.map((row) => lines[row]!.box));
    const consistent = isConsistent(zone);
    const own = zoneFields(zone).map(({ name, value, text }) => {
      const print = printed.find((field) => field.name === name);
      if (print && same(print.value, value))
        return { ...print, confidence: Math.max(print.confidence, 0.95) };
      if (print && !consistent) return { ...print, confidence: print.confidence / 2 };
      const confidence = print ? 0.5 : consistent ? 0.9 : 0.4;
      return { name, value, text, confidence, page, box };
    });
    const others = printed.filter(({ name }) => own.every((field) => field.name !== name));
    return [...own, ...others];
  }
  return [...printed];
}

const same = (print: string, zone: string): boolean =>
  zoneSpelling(print).replaceAll(' ', '') === zoneSpelling(zone).replaceAll(' ', '');

function zoneFields({
  fields,
  lines,
}: MachineReadableZone): { name: string; value: string; text: string }[] {
  const values = {
    surname: fields.surname,
    given_names: fields.givenNames,
    document_number: fields.documentNumber,
    nationality: fields.nationality,
    issuing_country: fields.issuingCountry,
    date_of_birth: fields.dateOfBirth,
    date_of_expiry: fields.dateOfExpiry,
    sex: fields.sex,
  };
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, value, text: lines.join('\n') }));
}
