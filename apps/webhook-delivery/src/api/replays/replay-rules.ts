import type { CreateReplay } from '@casewire/contracts';
import { invalid, type FieldError } from '@casewire/service';

import { isStorable, storableRule } from '../../model/stored-text.ts';

const earliest = new Date('1970-01-01T00:00:00Z');

/** Checks the rules that the schema of the request cannot express. @throws ApiError 400 that names the fields */
export function checkReplay(command: CreateReplay): void {
  const errors = errorsOf(command);
  if (errors.length > 0) throw invalid(errors);
}

function errorsOf(command: CreateReplay): FieldError[] {
  switch (command.kind) {
    case 'delivery':
      return [];
    case 'failed':
      return momentErrors('since', command.since);
    case 'period': {
      const errors = [...momentErrors('from', command.from), ...momentErrors('to', command.to)];
      if (errors.length > 0 || new Date(command.from) < new Date(command.to)) return errors;
      return [{ field: 'to', rule: 'must be later than `from`' }];
    }
    case 'key':
      return [...textErrors('topic', command.topic), ...textErrors('key', command.key)];
  }
}

const momentErrors = (field: string, moment: string): FieldError[] =>
  new Date(moment) >= earliest ? [] : [{ field, rule: 'must not be before 1970' }];

/** No stored key or topic contains such characters. */
const textErrors = (field: string, text: string): FieldError[] =>
  isStorable(text) ? [] : [{ field, rule: storableRule }];
