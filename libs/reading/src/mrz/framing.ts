import { isChecked } from './check-digit.ts';
import { asDigits, asLetters, digitLike as d, lookAlikesOf } from './look-alikes.ts';
import { nameField, zoneNames } from './names.ts';

/** Formats of a zone by ICAO Doc 9303: TD1 of cards (part 5), TD3 of passports (part 4). */
export type ZoneFormat = 'TD1' | 'TD3';

/** Lines as a zone of this format: cut and repaired to its length. */
export interface FramedZone {
  format: ZoneFormat;
  lines: string[];
  /** Indexes of the lines that were read. */
  rows: number[];
  /** Number of replaced characters in checked fields, without letters that were read instead of digits. */
  repairs: number;
}

/** The line in the alphabet of a zone: capitals, digits, fillers. */
export const zoneCharacters = (line: string): string =>
  line
    .toUpperCase()
    .replaceAll(/[«‹≤]/g, '<')
    .replaceAll(/[^A-Z0-9<]/g, '');

const td3Second = new RegExp(
  `(?=([A-Z0-9<]{9})(${d}|<)([A-Z0-9<]{3})(${d}{6})(${d})([MFXKCL<H])(${d}{6})(${d})(.*))`,
  'g',
);
const td1First = new RegExp(`(?=([ACI1L][A-Z0-9<])([A-Z0-9<]{3})([A-Z0-9<]{9})(${d}|<)(.*))`, 'g');
const td1Second = new RegExp(
  `(?=(${d}{6})(${d})([MFXKCL<H])(${d}{6})(${d})([A-Z0-9<]{3})(.*))`,
  'g',
);

/** Every way in which the lines may contain a zone. */
export function framings(read: readonly string[]): FramedZone[] {
  const lines = read.map(zoneCharacters);
  return lines.flatMap((line, row) => [
    ...framedTd3(lines, line, row),
    ...framedTd1(lines, line, row),
  ]);
}

const sexOf = (read: string) => (/[MF]/.test(read) ? read : read === 'H' ? 'M' : '<');

function* framedTd3(lines: string[], line: string, row: number): Generator<FramedZone> {
  if (line.length < 28) return;
  for (const match of line.matchAll(td3Second)) {
    const [number, digit, nation, birth, birthDigit, sex, expiry, expiryDigit, tail] =
      match.slice(1);
    const dates = {
      birth: asDigits(birth! + birthDigit!),
      expiry: asDigits(expiry! + expiryDigit!),
    };
    const { optional, composite } = td3Tail(tail!);
    const rest = dates.birth + dates.expiry + optional;
    const repaired = repairedNumber(number!, asDigits(digit!), (whole) =>
      isChecked(whole + rest, composite),
    );
    const second = `${repaired.number}${asDigits(digit!)}${asLetters(nation!)}${dates.birth}${sexOf(sex!)}${dates.expiry}${optional}${composite}`;
    const first = td3FirstLine(lines, row);
    if (!first) continue;
    yield {
      format: 'TD3',
      lines: [first.line, second],
      rows: [first.row, row],
      repairs: repaired.repairs,
    };
  }
}

/** The optional data with its check digit (15 characters) and the composite digit, also where fillers are missing or superfluous. */
function td3Tail(tail: string): { optional: string; composite: string } {
  const composite = asDigits(tail.slice(-1) || '<');
  const before = tail.slice(0, -1);
  if (before.length === 15) return { optional: before, composite };
  const parts = before.split(/[<KLC]{2,}/);
  const content = (parts[0] ?? '').replaceAll(/[<KLC]+$/g, '').slice(0, 14);
  const digit = (parts.length > 1 && asDigits(parts.at(-1)!.slice(-1))) || '<';
  return { optional: content.padEnd(14, '<') + digit, composite };
}

function td3FirstLine(lines: string[], second: number): { line: string; row: number } | null {
  for (let row = second - 1; row >= Math.max(0, second - 2); row--) {
    const found = /[PVIAC][A-Z<]([A-Z0-9<]{3})([A-Z0-9<]{5,})/.exec(lines[row]!);
    if (!found || found.index > 4) continue;
    const code = found[0].slice(0, 2).replace(/[KC]$/, '<');
    return { line: code + asLetters(found[1]!) + nameField(zoneNames(found[2]!), 39), row };
  }
  return null;
}

function* framedTd1(lines: string[], line: string, row: number): Generator<FramedZone> {
  const firstLine = lines[row - 1];
  if (line.length < 18 || firstLine === undefined) return;
  for (const second of line.matchAll(td1Second)) {
    const [birth, birthDigit, sex, expiry, expiryDigit, nation, tail] = second.slice(1);
    const dates = asDigits(birth! + birthDigit!) + sexOf(sex!) + asDigits(expiry! + expiryDigit!);
    const composite = asDigits(tail!.slice(-1) || '<');
    const optional2 = tail!
      .slice(0, -1)
      .replace(/[<KLC]+$/, '')
      .slice(0, 11)
      .padEnd(11, '<');
    for (const first of firstLine.matchAll(td1First)) {
      const [code, issuer, number, digit, tail1] = first.slice(1);
      const optional1 = tail1!
        .replace(/[<KLC]+$/, '')
        .slice(0, 15)
        .padEnd(15, '<');
      const rest = optional1 + dates.slice(0, 7) + dates.slice(8) + optional2;
      const repaired = repairedNumber(number!, asDigits(digit!), (whole) =>
        isChecked(whole + rest, composite),
      );
      yield {
        format: 'TD1',
        lines: [
          asLetters(code![0]!) +
            code![1] +
            asLetters(issuer!) +
            repaired.number +
            asDigits(digit!) +
            optional1,
          dates + asLetters(nation!) + optional2 + composite,
          nameField(zoneNames(lines[row + 1] ?? ''), 30),
        ],
        rows: row + 1 < lines.length ? [row - 1, row, row + 1] : [row - 1, row],
        repairs: repaired.repairs,
      };
    }
  }
}

/**
 * The document number. One misread character is corrected where exactly one correction satisfies both the check digit of the
 * number and the composite digit: a single digit is satisfied by chance too often.
 */
function repairedNumber(
  number: string,
  digit: string,
  compositeHolds: (numberWithDigit: string) => boolean,
): { number: string; repairs: number } {
  if (isChecked(number, digit)) return { number, repairs: 0 };
  const candidates = lookAlikesOf(number).filter(
    (candidate) => isChecked(candidate, digit) && compositeHolds(candidate + digit),
  );
  return candidates.length === 1 ? { number: candidates[0]!, repairs: 1 } : { number, repairs: 0 };
}
