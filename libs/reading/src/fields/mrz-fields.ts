import type { ExtractedField } from '@casewire/contracts';

import { unionOf } from '../document/lines.ts';
import type { Reading } from '../document/reading.ts';
import {
  decodeZone,
  isConsistent,
  type MachineReadableZone,
} from '../mrz/machine-readable-zone.ts';
import { plainText } from '../values/normalised.ts';

/** A name as a zone writes it: letters without accents, single spaces. */
export const zoneSpelling = (name: string): string =>
  plainText(name)
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, ' ')
    .trim();

/**
 * Printed fields beside what the machine-readable zone says. Where both say the same the print stands (it has the
 * accents); where they differ a sound zone stands, at half the confidence: one of the two was changed or misread.
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
    const sound = isConsistent(zone);
    const own = zoneFields(zone).map(({ name, value, text }) => {
      const print = printed.find((field) => field.name === name);
      if (print && same(print.value, value))
        return { ...print, confidence: Math.max(print.confidence, 0.95) };
      if (print && !sound) return { ...print, confidence: print.confidence / 2 };
      const confidence = print ? 0.5 : sound ? 0.9 : 0.4;
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
