import { Feature, needsClassification, type SubmitCase } from '@casewire/contracts';
import { ApiError, invalid } from '@casewire/service';

/** What is requested for one file of a form, and for every document in it if it is an archive. */
export interface FileOptions {
  classify: boolean;
  features: Feature[];
}

type Given = Pick<SubmitCase, 'features' | 'classify'>;

const isPerFile = (features: Feature[] | Feature[][]): features is Feature[][] =>
  Array.isArray(features[0]);

const needsType = (feature: Feature) => needsClassification.includes(feature);

/** All features; for a file that is not classified, those that do not need its type. */
const defaultFeatures = (classify: boolean) =>
  Feature.options.filter((feature) => classify || !needsType(feature));

/**
 * Checks that the organization may request these features, for any file. The number of files does not need to be known.
 * @throws ApiError 403 that names each feature that is not provisioned, and its place
 */
export function checkProvisioned(given: Given, provisioned: readonly Feature[]): void {
  const missing = placesOf(given).filter(([feature]) => !provisioned.includes(feature));
  if (missing.length === 0) return;
  const names = [...new Set(missing.map(([feature]) => feature))];
  throw new ApiError(
    403,
    'FEATURE_NOT_PROVISIONED',
    `this organization is not provisioned for ${names.join(', ')}`,
    missing.map(([feature, field]) => ({ field, rule: `${feature} is not provisioned` })),
  );
}

/** The requested features with their places in the form. */
function placesOf({ features, classify }: Given): [Feature, string][] {
  if (!features) {
    const isClassified = classify === true || (Array.isArray(classify) && classify.includes(true));
    return defaultFeatures(isClassified).map((feature) => [feature, 'features']);
  }
  return isPerFile(features)
    ? features.flatMap((list, i) =>
        list.map((feature, j): [Feature, string] => [feature, `features.${i}.${j}`]),
      )
    : features.map((feature, i) => [feature, `features.${i}`]);
}

/**
 * What is requested for each file of the form, in order.
 * @throws ApiError if the number of values differs, or if a feature that needs the type is requested without classification
 */
export function optionsPerFile({ classify, features }: Given, files: number): FileOptions[] {
  const lists = features && isPerFile(features) ? features : null;
  if (Array.isArray(classify) && classify.length !== files)
    throw invalid([
      { field: 'classify', rule: `must be one value, or one for each of the ${files} files` },
    ]);
  if (lists && lists.length !== files)
    throw invalid([
      { field: 'features', rule: `must be one list, or one for each of the ${files} files` },
    ]);
  return Array.from({ length: files }, (_, i) => {
    const isClassified = typeof classify === 'boolean' ? classify : classify[i]!;
    const requested = lists ? lists[i]! : (features as Feature[] | undefined);
    if (!isClassified && requested?.some(needsType))
      throw unclassified(typeof classify === 'boolean' ? 'classify' : `classify.${i}`);
    return {
      classify: isClassified,
      features: [...new Set(requested ?? defaultFeatures(isClassified))],
    };
  });
}

const unclassified = (field: string) =>
  new ApiError(422, 'FORENSICS_NEEDS_CLASSIFICATION', 'forensics requires classify: true', [
    { field, rule: 'must be true if forensics is one of the features' },
  ]);
