const valueOf = (c: string) => (c === '<' ? 0 : Number.parseInt(c, 36));

/** ICAO Doc 9303 part 3: weights 7, 3, 1 over the values of the characters. */
const checkDigit = (field: string): string => {
  const sum = Array.from(field).reduce((all, c, i) => all + valueOf(c) * [7, 3, 1][i % 3]!, 0);
  return String(sum % 10);
};

/** The text in the alphabet of a zone: without accents, ñ as n, every other character as a filler. */
const zoneLetters = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '<');

const shortDate = (date: Date): string => date.toISOString().slice(2, 10).replaceAll('-', '');

export interface PassportHolder {
  issuer: string;
  surname: string;
  givenNames: string;
  documentNumber: string;
  nationality: string;
  birth: Date;
  sex: 'F' | 'M';
  expiry: Date;
}

/** The two lines of 44 characters of a passport (TD3, ICAO Doc 9303 part 4). */
export function passportLines(holder: PassportHolder): [string, string] {
  const name = `${zoneLetters(holder.surname)}<<${zoneLetters(holder.givenNames)}`;
  const number = holder.documentNumber.padEnd(9, '<');
  const birth = shortDate(holder.birth);
  const expiry = shortDate(holder.expiry);
  const optional = '<'.repeat(14);
  const withCheck = (field: string) => field + checkDigit(field);
  const composite = withCheck(number) + withCheck(birth) + withCheck(expiry) + optional + '<';
  return [
    `P<${holder.issuer}${name}`.slice(0, 44).padEnd(44, '<'),
    `${withCheck(number)}${holder.nationality}${withCheck(birth)}${holder.sex}${withCheck(expiry)}${optional}<${checkDigit(composite)}`,
  ];
}
