import type { Box, ExtractedField } from '@casewire/contracts';
import {
  decodeZone,
  isConsistent,
  type MachineReadableZone,
  unionOf,
  zoneSpelling,
} from '@casewire/reading';

import { finding, type FindingDraft } from '../findings/finding.ts';
import { certainValues, type FieldCheck, type FieldCheckInput, words } from './field-check.ts';

/** So many letters of a name may be misread; a name that was replaced differs in more. */
const maximumMisread = 2;
/** Of a name field in a TD3 zone (ICAO Doc 9303 part 4): a longer name is cut off. */
const nameLength = 39;

export const mrzChecks: FieldCheck[] = [
  {
    code: 'ZONE_NOT_SOUND',
    requires: { mrz: true },
    run(input) {
      const found = findZone(input);
      if (!found) return null;
      if (isConsistent(found.zone)) return [];
      const broken = Object.entries(found.zone.checks)
        .filter(([, holds]) => !holds)
        .map(([name]) => words(name));
      const faults = [
        ...broken.map((name) => `the check digit of the ${name} does not hold`),
        ...found.zone.problems,
      ];
      // A zone that was only misread looks the same.
      const place = { page: found.page, box: found.box, confidence: 0.5 };
      return [finding('ZONE_NOT_SOUND', place, { faults })];
    },
  },
  {
    code: 'ZONE_PRINT_MISMATCH',
    requires: { mrz: true },
    run(input) {
      const found = findZone(input);
      if (!found || !isConsistent(found.zone)) return null;
      const { fields } = found.zone;
      const printed = certainValues(input.fields);
      const exact = {
        document_number: fields.documentNumber,
        date_of_birth: fields.dateOfBirth,
        date_of_expiry: fields.dateOfExpiry,
      };
      const names = { surname: fields.surname, given_names: fields.givenNames };
      const compared = Object.entries({ ...exact, ...names });
      if (!compared.some(([name, value]) => value && printed.has(name))) return null;
      return [
        ...mismatches(printed, exact, (print, zone) => print !== zone),
        ...mismatches(
          printed,
          names,
          (print, zone) =>
            distance(zoneSpelling(print), zone.slice(0, nameLength)) > maximumMisread,
        ),
      ];
    },
  },
];

function findZone({
  reading,
  today,
}: FieldCheckInput): { zone: MachineReadableZone; page: number; box: Box } | null {
  for (const { page, zone: lines } of reading.pages) {
    const zone = decodeZone(
      lines.map(({ text }) => text),
      today,
    );
    if (zone) return { zone, page, box: unionOf(zone.rows.map((row) => lines[row]!.box)) };
  }
  return null;
}

function mismatches(
  printed: Map<string, ExtractedField>,
  zone: Record<string, string>,
  differ: (print: string, zone: string) => boolean,
): FindingDraft[] {
  return Object.entries(zone).flatMap(([name, value]) => {
    const print = printed.get(name);
    if (!print || !value || !differ(print.value, value)) return [];
    const { page, box, text } = print;
    const facts = { name: words(name), print: text, zone: value };
    return finding('ZONE_PRINT_MISMATCH', { page, box, confidence: 0.85 }, facts);
  });
}

/** Levenshtein distance: how many letters are changed, added or removed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
