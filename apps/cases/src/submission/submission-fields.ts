import { SubmitCase, type Feature } from '@casewire/contracts';
import { invalid, Refusal, unstorableTexts, type FieldError } from '@casewire/service';

const asJson = ['features', 'classify', 'metadata'] as const;

/**
 * The fields of a submission, out of a form's texts.
 * @throws Refusal that names each field and its rule
 */
export function parseFields(texts: Record<string, string>): SubmitCase {
  const errors: FieldError[] = [];
  const fields: Record<string, unknown> = { ...texts };
  for (const name of asJson) {
    if (texts[name] === undefined) continue;
    try {
      fields[name] = JSON.parse(texts[name]);
    } catch {
      errors.push({ field: name, rule: 'must be JSON' });
    }
  }
  if (errors.length > 0) throw new Refusal(400, 'MALFORMED_JSON', 'a field is not JSON', errors);
  const unstorable = unstorableTexts(fields);
  if (unstorable.length > 0) throw invalid(unstorable);
  const parsed = SubmitCase.safeParse(fields);
  if (parsed.success) return { ...parsed.data, features: [...new Set(parsed.data.features)] };
  throw invalid(
    parsed.error.issues.map(({ path, message, code, ...issue }) => ({
      field: path.join('.') || ('keys' in issue ? issue.keys.join(', ') : ''),
      rule: code === 'unrecognized_keys' ? 'is no field of a submission' : message,
    })),
  );
}

/** @throws Refusal 403 for features that the organization is not provisioned for */
export function checkProvisioned(asked: readonly Feature[], provisioned: readonly Feature[]): void {
  const missing = asked.filter((feature) => !provisioned.includes(feature));
  if (missing.length === 0) return;
  throw new Refusal(
    403,
    'FEATURE_NOT_PROVISIONED',
    `this organization is not provisioned for ${missing.join(', ')}`,
    missing.map((feature) => ({ field: 'features', rule: `${feature} is not provisioned` })),
  );
}

/**
 * Whether each of the files is classified, in their order.
 * @throws Refusal where the number differs, or where forensics is asked for without it
 */
export function classifyPerFile({ classify, features }: SubmitCase, files: number): boolean[] {
  const perFile =
    typeof classify === 'boolean' ? Array.from({ length: files }, () => classify) : classify;
  if (perFile.length !== files) {
    throw invalid([
      { field: 'classify', rule: `must be one value, or one for each of the ${files} files` },
    ]);
  }
  if (features.includes('forensics') && perFile.includes(false)) {
    throw new Refusal(422, 'FORENSICS_NEEDS_CLASSIFICATION', 'forensics needs classify: true', [
      { field: 'classify', rule: 'must be true where forensics is among the features' },
    ]);
  }
  return perFile;
}
