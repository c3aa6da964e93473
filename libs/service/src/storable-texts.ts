import { isStorableText } from '@casewire/contracts';

import type { FieldError } from './api-error.ts';

const rule = 'must not contain NUL or half of a surrogate pair';
const noName = 'must not be __proto__';

interface Position {
  name: string;
  parent: Position | null;
  value: unknown;
}

/**
 * Every text in a value, keys included, that PostgreSQL cannot store, and every key `__proto__`, under which an object
 * keeps nothing: it would be dropped without a word. All input passes this check before it is used:
 * bodies, query parameters, path parameters and the fields of a form.
 * @param value JSON, or what a query string is parsed to; nested as deeply as it may be
 * @param path where the value stands in the request
 * @returns one error per text, with the path of its field; a key that cannot be stored is named by its object's path
 */
export function storableTextErrors(value: unknown, path: readonly string[] = []): FieldError[] {
  const errors: FieldError[] = [];
  const fault = (place: Position, what: string) =>
    errors.push({ field: [...path, ...pathOf(place)].join('.'), rule: what });
  // A stack of its own: what is nested too deeply cannot be descended into by calls.
  const pending: Position[] = [{ name: '', parent: null, value }];
  for (let place = pending.pop(); place; place = pending.pop()) {
    if (typeof place.value === 'string') {
      if (!isStorableText(place.value)) fault(place, rule);
    } else if (typeof place.value === 'object' && place.value !== null) {
      for (const [name, one] of Object.entries(place.value)) {
        if (name === '__proto__') fault({ name, parent: place, value: one }, noName);
        else if (isStorableText(name)) pending.push({ name, parent: place, value: one });
        else fault(place, `a key ${rule}`);
      }
    }
  }
  return errors;
}

const longestPath = 20;

function pathOf(place: Position): string[] {
  const names: string[] = [];
  for (let at: Position = place; at.parent; at = at.parent) names.push(at.name);
  return names.toReversed().slice(0, longestPath);
}
