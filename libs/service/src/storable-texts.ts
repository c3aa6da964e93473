import { isStorableText } from '@casewire/contracts';

import type { FieldError } from './api-error.ts';

const rule = 'must not contain NUL or half of a surrogate pair';
const protoRule = 'must not be __proto__';

interface Position {
  name: string;
  parent: Position | null;
  value: unknown;
}

/**
 * Finds every text in a value, including keys, that PostgreSQL cannot store, and every key `__proto__`, which an object
 * cannot keep: it would be dropped silently. All input passes this check before it is used:
 * bodies, query parameters, path parameters and the fields of a form.
 * @param value JSON or a parsed query string, of any depth
 * @param path the position of the value in the request
 * @returns one error per text, with the path of its field; an invalid key has the path of its object
 */
export function storableTextErrors(value: unknown, path: readonly string[] = []): FieldError[] {
  const errors: FieldError[] = [];
  const addError = (position: Position, brokenRule: string) =>
    errors.push({ field: [...path, ...pathOf(position)].join('.'), rule: brokenRule });
  // An explicit stack: recursive calls would overflow on a value that is nested too deeply.
  const pending: Position[] = [{ name: '', parent: null, value }];
  for (let position = pending.pop(); position; position = pending.pop()) {
    if (typeof position.value === 'string') {
      if (!isStorableText(position.value)) addError(position, rule);
    } else if (typeof position.value === 'object' && position.value !== null) {
      for (const [name, one] of Object.entries(position.value)) {
        if (name === '__proto__') addError({ name, parent: position, value: one }, protoRule);
        else if (isStorableText(name)) pending.push({ name, parent: position, value: one });
        else addError(position, `a key ${rule}`);
      }
    }
  }
  return errors;
}

const longestPath = 20;

function pathOf(position: Position): string[] {
  const names: string[] = [];
  for (let at: Position = position; at.parent; at = at.parent) names.push(at.name);
  return names.toReversed().slice(0, longestPath);
}
