const valueOf = (character: string): number =>
  character === '<' ? 0 : Number.parseInt(character, 36);

/** The check digit over a field (ICAO Doc 9303 part 3, 4.9): weights 7, 3, 1 repeating, modulo 10. */
export function checkDigit(field: string): string {
  let sum = 0;
  for (let i = 0; i < field.length; i++) sum += valueOf(field[i]!) * [7, 3, 1][i % 3]!;
  return String(sum % 10);
}

/** Whether this is the check digit of the field; a filler counts as 0. */
export const isChecked = (field: string, digit: string): boolean =>
  checkDigit(field) === digit.replace('<', '0');
