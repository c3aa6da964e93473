import { StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';

import { invalid, type FieldError } from './refusal.ts';
import { unstorableTexts } from './unstorable-texts.ts';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  /** Of zod's `unrecognized_keys`, whose path is the object's. */
  keys?: readonly string[];
}

const mostErrors = 50;

const refuse = (errors: readonly FieldError[]) => invalid(errors.slice(0, mostErrors));

/** Refuses every text that the database cannot store, whatever schema the parameter has, and then checks the schema. */
class RequestPipe extends StandardSchemaValidationPipe {
  override transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (metadata.type !== 'custom') {
      const path = metadata.type === 'param' && metadata.data ? [metadata.data] : [];
      const errors = unstorableTexts(value, path);
      if (errors.length > 0) throw refuse(errors);
    }
    return super.transform(value, metadata);
  }
}

/** Checks what carries a schema (`@Body({ schema })`), and refuses it naming each field and its rule. */
export const validationPipe = () =>
  new RequestPipe({
    exceptionFactory: (issues) => refuse(issues.flatMap((issue) => errorsOf(issue))),
  });

function errorsOf({ message, path = [], keys }: Issue): FieldError[] {
  const at = path.map((part) => String(typeof part === 'object' ? part.key : part));
  if (!keys) return [{ field: at.join('.'), rule: message }];
  return keys.map((key) => ({ field: [...at, key].join('.'), rule: 'is not a field here' }));
}
