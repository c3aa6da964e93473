import type { CorrectedField, ExtractedField, ExtractionResult } from '@casewire/contracts';

/** A version of a document's extraction, by a run or by a correction of the version before. */
export interface StoredVersion {
  version: number;
  cause: 'run' | 'correction';
  /** The corrected fields; null for a version by a run. */
  fields: CorrectedField[] | null;
}

/**
 * The corrections that a version adds to the result of its run: all since the last version by a run, in their order.
 * @param versions all versions of one document, in their order
 * @returns undefined if the document never had the version
 */
export function correctionsUpTo<V extends StoredVersion>(
  versions: readonly V[],
  version: number,
): { found: V; corrections: CorrectedField[][] } | undefined {
  const upTo = versions.filter((one) => one.version <= version);
  const found = upTo.at(-1);
  if (found?.version !== version) return undefined;
  const lastRun = upTo.findLastIndex(({ cause }) => cause === 'run');
  return { found, corrections: upTo.slice(lastRun + 1).map(({ fields }) => fields ?? []) };
}

/**
 * The result of a run with corrections applied to it. A corrected field keeps its place on the document; a field that was not
 * found there has no area, on page 1.
 * @param corrections in their order: a later one of the same field wins
 */
export const corrected = (
  result: ExtractionResult,
  corrections: readonly (readonly CorrectedField[])[],
): ExtractionResult => ({
  ...result,
  fields: corrections.flat().reduce(correctField, result.fields),
});

function correctField(fields: ExtractedField[], { name, value }: CorrectedField): ExtractedField[] {
  const first = fields.findIndex((field) => field.name === name);
  const others = fields.filter(
    (field, i) => field.name !== name || (value !== null && i === first),
  );
  if (value === null) return others;
  if (first === -1) return [...others, { ...unplaced, name, value, text: value }];
  return others.map((field) =>
    field.name === name ? { ...field, value, text: value, confidence: 1 } : field,
  );
}

const unplaced = { confidence: 1, page: 1, box: [0, 0, 0, 0] satisfies ExtractedField['box'] };
