import { parse, states } from 'mrz';

import { isChecked } from './check-digit.ts';
import { type FramedZone, framings, type ZoneFormat } from './framing.ts';

export interface ZoneFields {
  documentCode: string;
  issuingCountry: string;
  surname: string;
  givenNames: string;
  documentNumber: string;
  /** Three letters by ICAO; D for Germany. */
  nationality: string;
  /** YYYY-MM-DD; the same form with the printed characters where it is no date. */
  dateOfBirth: string;
  dateOfExpiry: string;
  sex: 'M' | 'F' | 'X';
  optional: string;
}

export interface MachineReadableZone {
  format: ZoneFormat;
  lines: string[];
  /** Indexes of the given lines that contain it. */
  rows: number[];
  fields: ZoneFields;
  /** Whether each check digit is correct. */
  checks: {
    documentNumber: boolean;
    dateOfBirth: boolean;
    dateOfExpiry: boolean;
    composite: boolean;
  };
  /** Errors of form and contradictions between fields, in words. Check digits can be correct by chance in lines that are no zone. */
  problems: string[];
  /** Number of corrected characters. */
  repairs: number;
}

// Codes in use that are not in ISO 3166: the specimen state, and those of part 3, section 5.
const otherStates = [
  'UTO',
  'D',
  'EUE',
  'GBD',
  'GBN',
  'GBO',
  'GBP',
  'GBS',
  'UNO',
  'UNA',
  'UNK',
  'XOM',
  'XXA',
  'XXB',
  'XXC',
  'XXX',
  'RKS',
];
const knownStates = new Set([...Object.keys(states), ...otherStates]);

/**
 * Finds and decodes the machine-readable zone of a travel document in recognized lines (ICAO Doc 9303 parts 3, 4, 5): two
 * lines of 44 characters (TD3) or three of 30 (TD1). A misread character is corrected where check digits prove the correction.
 * @param today determines the century of the date of birth
 * @returns the best candidate, or null where no line looks like a zone
 */
export function decodeZone(read: readonly string[], today: Date): MachineReadableZone | null {
  const zones = framings(read).map((framed) => decodeFramed(framed, today));
  return zones.toSorted((a, b) => quality(b) - quality(a))[0] ?? null;
}

/** Whether every check digit is correct and there are no other problems. */
export const isConsistent = (zone: MachineReadableZone): boolean =>
  Object.values(zone.checks).every(Boolean) && zone.problems.length === 0;

const quality = (zone: MachineReadableZone): number =>
  Object.values(zone.checks).filter(Boolean).length * 2 - zone.problems.length - zone.repairs / 2;

const positions = {
  TD3: {
    number: [1, 0, 10],
    birth: [1, 13, 20],
    expiry: [1, 21, 28],
    nation: [1, 10, 13],
    sex: [1, 20, 21],
    optional: [1, 28, 42],
  },
  TD1: {
    number: [0, 5, 15],
    birth: [1, 0, 7],
    expiry: [1, 8, 15],
    nation: [1, 15, 18],
    sex: [1, 7, 8],
    optional: [0, 15, 30],
  },
} as const;

/** Whether the last character of the field is its check digit. */
const endsWithCheckDigit = (field: string): boolean =>
  isChecked(field.slice(0, -1), field.slice(-1));

function decodeFramed(framed: FramedZone, today: Date): MachineReadableZone {
  const { format, lines } = framed;
  const at = positions[format];
  const cut = ([line, from, to]: readonly [number, number, number]) => lines[line]!.slice(from, to);
  const composite =
    format === 'TD3'
      ? lines[1]!.slice(0, 10) + lines[1]!.slice(13, 20) + lines[1]!.slice(21, 43)
      : lines[0]!.slice(5, 30) +
        lines[1]!.slice(0, 7) +
        lines[1]!.slice(8, 15) +
        lines[1]!.slice(18, 29);
  const { fields } = parse(lines);
  const sex = cut(at.sex);
  const decoded: ZoneFields = {
    documentCode: lines[0]!.slice(0, 2).replaceAll('<', ''),
    issuingCountry: lines[0]!.slice(2, 5).replaceAll('<', ''),
    surname: fields.lastName ?? '',
    givenNames: fields.firstName ?? '',
    documentNumber: fields.documentNumber ?? cut(at.number).slice(0, -1).replaceAll('<', ''),
    nationality: cut(at.nation).replaceAll('<', ''),
    dateOfBirth: birthDate(cut(at.birth), today),
    dateOfExpiry: fullDate(cut(at.expiry), '20'),
    sex: sex === 'M' || sex === 'F' ? sex : 'X',
    optional: cut(at.optional).replaceAll(/<+$/g, ''),
  };
  return {
    ...framed,
    fields: decoded,
    checks: {
      documentNumber: endsWithCheckDigit(cut(at.number)),
      dateOfBirth: endsWithCheckDigit(cut(at.birth)),
      dateOfExpiry: endsWithCheckDigit(cut(at.expiry)),
      composite: isChecked(composite, lines[1]!.slice(-1)),
    },
    problems: problemsOf(decoded, today),
  };
}

const fullDate = (field: string, century: string): string =>
  `${century}${field.slice(0, 2)}-${field.slice(2, 4)}-${field.slice(4, 6)}`;

/** The date with a year of two digits: in this century, unless that is in the future. */
function birthDate(field: string, today: Date): string {
  const recent = fullDate(field, '20');
  return recent <= today.toISOString().slice(0, 10) ? recent : fullDate(field, '19');
}

const isDate = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

function problemsOf(fields: ZoneFields, today: Date): string[] {
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  const born = isDate(fields.dateOfBirth);
  const expires = isDate(fields.dateOfExpiry);
  expect(/^[PVIAC]/.test(fields.documentCode), 'the document code is none that is in use');
  expect(knownStates.has(fields.issuingCountry), 'the issuing state is not known');
  expect(knownStates.has(fields.nationality), 'the nationality is not known');
  expect(/^[A-Z]+( [A-Z]+)*$/.test(fields.surname), 'the surname is not made of letters');
  expect(
    /^([A-Z]+( [A-Z]+)*)?$/.test(fields.givenNames),
    'the given names are not made of letters',
  );
  expect(/^[A-Z0-9]{4,}$/.test(fields.documentNumber), 'the document number is too short');
  expect(born, 'the date of birth is no date');
  expect(expires, 'the date of expiry is no date');
  if (born && expires) {
    expect(
      fields.dateOfBirth < fields.dateOfExpiry,
      'the document expires before its holder was born',
    );
    const furthest = `${today.getUTCFullYear() + 20}`;
    expect(fields.dateOfExpiry < furthest, 'the document expires too far ahead');
  }
  return problems;
}
