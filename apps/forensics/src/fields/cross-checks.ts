import {
  type Check,
  type Examined,
  ran,
  skipped,
  type Suspicion,
} from '../examination/suspicion.ts';
import { bankChecks } from './bank-checks.ts';
import { dateChecks } from './date-checks.ts';
import { passportChecks } from './passport-checks.ts';
import type { CrossCheck, Statements } from './statements.ts';
import { sumChecks } from './sum-checks.ts';

const crossChecks: CrossCheck[] = [...passportChecks, ...bankChecks, ...sumChecks, ...dateChecks];

/** Runs every check that applies to this type of document. */
export function crossExamine(statements: Statements): Examined {
  const checks: Check[] = [];
  const suspicions: Suspicion[] = [];
  for (const { code, appliesTo, examine } of crossChecks) {
    if (!appliesTo.includes(statements.documentType)) {
      checks.push(skipped(code, `does not apply to: ${statements.documentType}`));
      continue;
    }
    checks.push(ran(code));
    suspicions.push(...examine(statements));
  }
  return { suspicions, checks };
}
