import { StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';

import { invalid, type FieldError } from './api-error.ts';
import { storableTextErrors } from './storable-texts.ts';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  /** In zod's issue `unrecognized_keys`: the unknown keys; `path` is then the path of their object. */
  keys?: readonly string[];
  /** In zod's issue `invalid_key`, with `issues`: what is wrong with the last key of `path`. */
  code?: string;
  issues?: readonly Issue[];
}

const mostErrors = 50;

const invalidFields = (errors: readonly FieldError[]) => invalid(errors.slice(0, mostErrors));

/**
 * Refuses every text that the database cannot store, whatever schema the parameter has, and then checks the schema. For a
 * parameter with a name, such as one of the path, the field of an error starts with that name.
 */
class RequestPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema, type, data } = metadata;
    if (type === 'custom') return value;
    const path = data === undefined ? [] : [data];
    const unstorable = storableTextErrors(value, path);
    if (unstorable.length > 0) throw invalidFields(unstorable);
    if (!schema) return value;
    const result = await this.validate(value, schema);
    if (!result.issues) return result.value as T;
    throw invalidFields(fieldErrors(result.issues, path));
  }
}

/**
 * Converts the issues of a schema into the field errors of an API error.
 * @param path the position of the value in the request
 */
export const fieldErrors = (issues: readonly Issue[], path: readonly string[] = []): FieldError[] =>
  issues.flatMap((issue) => errorsOf(issue, path));

/** Validates parameters that have a schema (`@Body({ schema })`). Its error has each invalid field and its rule. */
export const validationPipe = () => new RequestPipe();

function errorsOf({ message, path = [], keys, ...issue }: Issue, prefix: readonly string[]) {
  const at = path.map((part) => String(typeof part === 'object' ? part.key : part));
  const field = [...prefix, ...at];
  if (keys) return keys.map((key) => ({ field: [...field, key].join('.'), rule: noField }));
  const rule = issue.code === 'invalid_key' ? issue.issues?.[0]?.message : undefined;
  return [{ field: field.join('.'), rule: rule ?? message }];
}

const noField = 'is not a field here';
