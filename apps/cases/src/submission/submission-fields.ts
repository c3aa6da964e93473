import { Feature, needsClassification, SubmitCase } from '@casewire/contracts';
import { invalid, ApiError, storableTextErrors, type FieldError } from '@casewire/service';

const asJson = ['features', 'classify', 'metadata'] as const;

/** The fields of a submission, with the features to run. */
export type SubmissionFields = Omit<SubmitCase, 'features'> & { features: Feature[] };

/**
 * Parses the fields of a submission.
 * @param texts the form's fields
 * @param correlationHeader the header `x-correlation-id`, an alternative to the field `correlationId`
 * @throws ApiError 400 that lists each wrong field with its rule
 */
export function parseFields(
  texts: Record<string, string>,
  correlationHeader?: string,
): SubmissionFields {
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
  if (parsed.success) return withFeatures(parsed.data);
  throw invalid(
    parsed.error.issues.map(({ path, message, code, ...issue }) => ({
      field: path.join('.') || ('keys' in issue ? issue.keys.join(', ') : ''),
      rule: code === 'unrecognized_keys' ? 'is not a field of a submission' : message,
    })),
  );
}

const rules = {
  features: `must be a JSON array, or names separated by commas: ${Feature.options.join(', ')}`,
  classify: 'must be JSON: true, false, or an array with one of them per file',
  metadata: 'must be JSON: an object of texts, numbers and booleans',
};

/** A JSON array, or names separated by commas, which are easier to write with curl. */
const featuresOf = (text: string): unknown =>
  /^[a-z]+(,[a-z]+)*$/.test(text) ? text.split(',') : JSON.parse(text);

function withFeatures(fields: SubmitCase): SubmissionFields {
  const { features, classify } = fields;
  if (features) return { ...fields, features: [...new Set(features.flat())] };
  const all = classify === true || (Array.isArray(classify) && !classify.includes(false));
  const possible = Feature.options.filter((one) => all || !needsClassification.includes(one));
  return { ...fields, features: possible };
}

/** @throws ApiError 403 for features that the organization is not provisioned for */
export function checkProvisioned(
  requested: readonly Feature[],
  provisioned: readonly Feature[],
): void {
  const missing = requested.filter((feature) => !provisioned.includes(feature));
  if (missing.length === 0) return;
  throw new ApiError(
    403,
    'FEATURE_NOT_PROVISIONED',
    `this organization is not provisioned for ${missing.join(', ')}`,
    missing.map((feature) => ({ field: 'features', rule: `${feature} is not provisioned` })),
  );
}

/**
 * For each file, in order, whether it is classified.
 * @throws ApiError if the number of values differs, or if forensics is requested without classification
 */
export function classifyPerFile(
  { classify, features }: SubmissionFields,
  files: number,
): boolean[] {
  const perFile =
    typeof classify === 'boolean' ? Array.from({ length: files }, () => classify) : classify;
  if (perFile.length !== files) {
    throw invalid([
      { field: 'classify', rule: `must be one value, or one for each of the ${files} files` },
    ]);
  }
  if (features.some((one) => needsClassification.includes(one)) && perFile.includes(false)) {
    throw new ApiError(422, 'FORENSICS_NEEDS_CLASSIFICATION', 'forensics requires classify: true', [
      { field: 'classify', rule: 'must be true if forensics is one of the features' },
    ]);
  }
  return perFile;
}
