import type { Assessment, DocumentVerdict, Stage, StageFacts } from '@casewire/contracts';

import type { Upload } from '../case/case-state.ts';
import type { Condition, RuleSet } from './rule-set.ts';

type Assessable = Pick<Upload, 'documentType' | 'runs' | 'facts' | 'steering'>;

/** The verdict on a document by the facts of its stages. Every rule that applies gives its reason, the strictest verdict counts. */
export function assess(upload: Assessable, rules: RuleSet): Omit<Assessment, 'number'> {
  const applying = rules.rules.filter(({ when }) => applies(when, upload, rules));
  const verdicts = applying.map(({ verdict }) => verdict);
  const verdict: DocumentVerdict =
    (['rejected', 'review'] as const).find((one) => verdicts.includes(one)) ?? 'verified';
  const steered = upload.steering?.verdict ?? null;
  const forensics = factsOf(upload, 'forensics');
  return {
    verdict: steered ?? verdict,
    reasons: steered === null ? applying.map(({ reason }) => reason) : ['simulated'],
    rulesVersion: rules.version,
    ocrConfidence: factsOf(upload, 'extraction')?.ocrConfidence ?? null,
    fraudSignals: [...new Set(forensics?.findings.map(({ code }) => code))],
    securityFeatures: [
      ...new Set(forensics?.passedChecks.flatMap((code) => rules.securityFeatures[code] ?? [])),
    ],
  };
}

/** The names of the fields that a document of this type must have and has not; empty until its extraction completed. */
export function missingFields(
  upload: Pick<Assessable, 'documentType' | 'facts'>,
  { requiredFields }: Pick<RuleSet, 'requiredFields'>,
): string[] {
  const facts = factsOf(upload, 'extraction');
  if (!facts || upload.documentType === null) return [];
  const required = requiredFields[upload.documentType] ?? [];
  return required.filter((name) => !facts.fields.includes(name));
}

/** For each condition, whether it is true for the document. */
const conditions: {
  [Name in keyof Condition]-?: (
    value: NonNullable<Condition[Name]>,
    upload: Assessable,
    rules: RuleSet,
  ) => boolean;
} = {
  forensics: (verdicts, upload) => {
    const facts = factsOf(upload, 'forensics');
    return facts !== undefined && verdicts.includes(facts.verdict);
  },
  findings: (codes, upload) =>
    (factsOf(upload, 'forensics')?.findings ?? []).some(({ code }) => codes.includes(code)),
  failed: (stages, { runs }) => stages.some((stage) => runs.get(stage)?.status === 'failed'),
  requiredFieldMissing: (_, upload, rules) => missingFields(upload, rules).length > 0,
  documentTypes: (types, { documentType }) => types.includes(documentType ?? 'unknown'),
  ocrConfidenceBelow: (limit, upload) => {
    const confidence = factsOf(upload, 'extraction')?.ocrConfidence ?? null;
    return confidence !== null && confidence < limit;
  },
  classificationConfidenceBelow: (limit, upload) => {
    const facts = factsOf(upload, 'classification');
    return facts !== undefined && facts.confidence < limit;
  },
};

const applies = (condition: Condition, upload: Assessable, rules: RuleSet): boolean =>
  (Object.keys(condition) as (keyof Condition)[]).every((name) =>
    (conditions[name] as (value: unknown, upload: Assessable, rules: RuleSet) => boolean)(
      condition[name],
      upload,
      rules,
    ),
  );

function factsOf<S extends Stage>(
  { facts }: Pick<Assessable, 'facts'>,
  stage: S,
): Extract<StageFacts, { stage: S }> | undefined {
  return facts.get(stage) as Extract<StageFacts, { stage: S }> | undefined;
}
