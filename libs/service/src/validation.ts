import { StandardSchemaValidationPipe } from '@nestjs/common';

import { invalid, type FieldError } from './refusal.ts';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  /** Of zod's `unrecognized_keys`, whose path is the object's. */
  keys?: readonly string[];
}

const mostErrors = 50;

/** Checks what carries a schema (`@Body({ schema })`), and refuses it naming each field and its rule. */
export const validationPipe = () =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      invalid(issues.flatMap((issue) => errorsOf(issue)).slice(0, mostErrors)),
  });

function errorsOf({ message, path = [], keys }: Issue): FieldError[] {
  const at = path.map((part) => String(typeof part === 'object' ? part.key : part));
  if (!keys) return [{ field: at.join('.'), rule: message }];
  return keys.map((key) => ({ field: [...at, key].join('.'), rule: 'is not a field here' }));
}
