import { Feature, SubmitCase } from '@casewire/contracts';
import { invalid, ApiError, storableTextErrors, type FieldError } from '@casewire/service';
import type { z } from 'zod';

const asJson = ['features', 'classify', 'metadata'] as const;

/**
 * Parses the fields of a submission.
 * @param texts the form's fields
 * @param correlationHeader the header `x-correlation-id`, an alternative to the field `correlationId`
 * @throws ApiError 400 that lists each wrong field with its rule
 */
export function parseFields(texts: Record<string, string>, correlationHeader?: string): SubmitCase {
  const errors: FieldError[] = [];
  const fields: Record<string, unknown> = { ...texts };
  for (const name of asJson) {
    if (texts[name] === undefined) continue;
    try {
      fields[name] = name === 'features' ? featuresOf(texts[name]) : JSON.parse(texts[name]);
    } catch {
      errors.push({ field: name, rule: rules[name] });
    }
  }
  if (errors.length > 0) throw new ApiError(400, 'MALFORMED_JSON', 'a field is not JSON', errors);
  if (correlationHeader !== undefined) {
    if (fields.correlationId !== undefined && fields.correlationId !== correlationHeader)
      throw invalid([
        { field: 'correlationId', rule: 'must be the same as the header x-correlation-id' },
      ]);
    fields.correlationId = correlationHeader;
  }
  const unstorable = storableTextErrors(fields);
  if (unstorable.length > 0) throw invalid(unstorable);
  const parsed = SubmitCase.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.flatMap(fieldErrors));
}

type Issue = z.core.$ZodIssue;

/** The errors of an issue. Of a choice between schemas, those of the schema that fits best, if it names a place in the value. */
function fieldErrors(issue: Issue): FieldError[] {
  if (issue.code === 'invalid_union') {
    const best = issue.errors.toSorted((a, b) => a.length - b.length || depth(b) - depth(a))[0];
    if (best && depth(best) > 0)
      return best.flatMap((one) => fieldErrors({ ...one, path: [...issue.path, ...one.path] }));
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: key, rule: 'is not a field of a submission' }));
  return [{ field: issue.path.join('.'), rule: issue.message }];
}

const depth = (issues: readonly Issue[]) => Math.max(0, ...issues.map(({ path }) => path.length));

const rules = {
  features: `must be a JSON array, one array per file, or names separated by commas: ${Feature.options.join(', ')}`,
  classify: 'must be JSON: true, false, or an array with one of them per file',
  metadata: 'must be JSON: an object of texts, numbers and booleans',
};

/** A JSON array, or names separated by commas, which are easier to write with curl. */
const featuresOf = (text: string): unknown =>
  /^[a-z]+(,[a-z]+)*$/.test(text) ? text.split(',') : JSON.parse(text);
