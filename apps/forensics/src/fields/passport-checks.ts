import type { Box, ExtractedField } from '@casewire/contracts';
import { decodeZone, isSound, type MachineReadableZone, zoneSpelling } from '@casewire/reading';

import type { Suspicion } from '../examination/suspicion.ts';
import { at, certainValues, type CrossCheck, type Statements } from './statements.ts';

/** So many letters of a name may have been misread; a name that was replaced differs in more. */
const misreadable = 2;

export const passportChecks: CrossCheck[] = [
  {
    code: 'ZONE_NOT_SOUND',
    appliesTo: ['passport'],
    examine(statements) {
      const found = zoneOf(statements);
      if (!found || isSound(found.zone)) return [];
      const broken = Object.entries(found.zone.checks)
        .filter(([, holds]) => !holds)
        .map(([name]) => words(name));
      const faults = [
        ...broken.map((name) => `the check digit of the ${name} does not hold`),
        ...found.zone.problems,
      ];
      return [
        {
          code: 'ZONE_NOT_SOUND',
          severity: 'medium',
          // A zone that was only misread looks the same.
          confidence: 0.5,
          page: found.page,
          box: found.box,
          explanation: `In the machine-readable zone ${faults.join(', ')}.`,
        },
      ];
    },
  },
  {
    code: 'ZONE_PRINT_MISMATCH',
    appliesTo: ['passport'],
    examine(statements) {
      const found = zoneOf(statements);
      if (!found || !isSound(found.zone)) return [];
      const { fields } = found.zone;
      const printed = certainValues(statements.fields);
      const exact = {
        document_number: fields.documentNumber,
        date_of_birth: fields.dateOfBirth,
        date_of_expiry: fields.dateOfExpiry,
      };
      const names = { surname: fields.surname, given_names: fields.givenNames };
      return [
        ...differing(printed, exact, (print, zone) => print !== zone),
        ...differing(
          printed,
          names,
          (print, zone) => distance(zoneSpelling(print), zone.slice(0, 39)) > misreadable,
        ),
      ];
    },
  },
];

function zoneOf({
  reading,
  today,
}: Statements): { zone: MachineReadableZone; page: number; box: Box } | null {
  for (const { page, zone: lines } of reading.pages) {
    const zone = decodeZone(
      lines.map(({ text }) => text),
      today,
    );
    if (!zone) continue;
    const boxes = zone.rows.map((row) => lines[row]!.box);
    const box: Box = [
      Math.min(...boxes.map(([left]) => left)),
      Math.min(...boxes.map(([, top]) => top)),
      Math.max(...boxes.map(([, , right]) => right)),
      Math.max(...boxes.map(([, , , bottom]) => bottom)),
    ];
    return { zone, page, box };
  }
  return null;
}

function differing(
  printed: Map<string, ExtractedField>,
  zone: Record<string, string>,
  differ: (print: string, zone: string) => boolean,
): Suspicion[] {
  return Object.entries(zone).flatMap(([name, value]) => {
    const print = printed.get(name);
    if (!print || !value || !differ(print.value, value)) return [];
    return [
      {
        code: 'ZONE_PRINT_MISMATCH',
        severity: 'high' as const,
        confidence: 0.85,
        ...at(print),
        explanation: `The ${words(name)} is printed as ${print.text}, the machine-readable zone says ${value}.`,
      },
    ];
  });
}

const words = (name: string) =>
  name.replaceAll('_', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Levenshtein's: letters to be changed, added or left out. */
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
