import { rulesOf } from '@casewire/reading';

import { type CheckResults, ran, skipped } from '../findings/finding.ts';
import { bankChecks } from './bank-checks.ts';
import { dateChecks } from './date-checks.ts';
import { applies, type FieldCheck, type FieldCheckInput } from './field-check.ts';
import { mrzChecks } from './mrz-checks.ts';
import { sumChecks } from './sum-checks.ts';

const fieldChecks: FieldCheck[] = [...mrzChecks, ...bankChecks, ...sumChecks, ...dateChecks];

/** Runs every check that applies to the type of the document. */
export function runFieldChecks(input: FieldCheckInput): CheckResults {
  const results: CheckResults = { findings: [], checks: [] };
  const rules = rulesOf(input.documentType);
  for (const check of fieldChecks) {
    if (!rules || !applies(check, rules)) {
      results.checks.push(skipped(check.code, `does not apply to: ${input.documentType}`));
      continue;
    }
    results.checks.push(ran(check.code));
    results.findings.push(...check.run(input, rules));
  }
  return results;
}
