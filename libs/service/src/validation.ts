import { StandardSchemaValidationPipe } from '@nestjs/common';

import { invalid } from './refusal.ts';

/** Checks what carries a schema (`@Body({ schema })`), and refuses it naming each field and its rule. */
export const validationPipe = () =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      invalid(
        issues.slice(0, 50).map((issue) => ({
          field: (issue.path ?? [])
            .map((part) => String(typeof part === 'object' ? part.key : part))
            .join('.'),
          rule: issue.message,
        })),
      ),
  });
