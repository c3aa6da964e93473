import { rulesOf } from '@casewire/reading';

import { type CheckResults, ran, skipped } from '../findings/finding.ts';
import { bankChecks } from './bank-checks.ts';
import { dateChecks } from './date-checks.ts';
import { applies, type FieldCheck, type FieldCheckInput } from './field-check.ts';
import { mrzChecks } from './mrz-checks.ts';
import { sumChecks } from './sum-checks.ts';

const fieldChecks: FieldCheck[] = [...mrzChecks, ...bankChecks, ...sumChecks, ...dateChecks];

const nothingToCompare = 'the document has no values that can be compared with certainty';

/** Runs every check that applies to the type of the document. */
export function runFieldChecks(input: FieldCheckInput): CheckResults {
  const results: CheckResults = { findings: [], checks: [] };
  const rules = rulesOf(input.documentType);
  for (const check of fieldChecks) {
    if (!rules || !applies(check, rules)) {
      results.checks.push(skipped(check.code, `does not apply to: ${input.documentType}`));
      continue;
    }
    const findings = check.run(input, rules);
    results.checks.push(findings ? ran(check.code) : skipped(check.code, nothingToCompare));
    results.findings.push(...(findings ?? []));
  }
  return results;
}
