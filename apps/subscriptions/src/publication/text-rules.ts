import { invalid, type FieldError } from '@casewire/service';

/**
 * A record of the registry is stored as JSON, of which PostgreSQL takes no NUL and no half of a character in any text.
 * @throws Refusal that names the fields
 */
export function checkTexts(command: object): void {
  const errors = errorsOf(command, []);
  if (errors.length > 0) throw invalid(errors);
}

function errorsOf(value: unknown, path: readonly string[]): FieldError[] {
  if (typeof value === 'string') {
    const isText = value.isWellFormed() && !value.includes('\0');
    return isText ? [] : [{ field: path.join('.'), rule: 'must not hold NUL or half a character' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => errorsOf(one, [...path, name]));
}
