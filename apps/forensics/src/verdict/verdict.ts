import type { ForensicsResult } from '@casewire/contracts';

import type { Suspicion } from '../examination/suspicion.ts';
import { type Evidence, findingWeights, verdictRules } from './verdict-rules.data.ts';

export type Verdict = ForensicsResult['verdict'];

/**
 * Combines findings by the rules: of each kind of evidence the strongest counts, kinds are taken to be independent, and a
 * document fails only where two of them speak against it. No weak sign alone does more than nothing.
 */
export function verdictOn(suspicions: readonly Pick<Suspicion, 'code' | 'confidence'>[]): Verdict {
  const strongest = new Map<Evidence, number>();
  for (const { code, confidence } of suspicions) {
    const rule = findingWeights[code];
    if (!rule) throw new Error(`no weight is given for ${code}`);
    const strength = rule.weight * confidence;
    strongest.set(rule.evidence, Math.max(strongest.get(rule.evidence) ?? 0, strength));
  }
  const kinds = [...strongest.values()];
  const doubt = 1 - kinds.reduce((product, strength) => product * (1 - strength), 1);
  const speaking = kinds.filter((strength) => strength >= verdictRules.speaks).length;
  if (doubt >= verdictRules.fail && speaking >= verdictRules.kinds) return 'fail';
  return doubt >= verdictRules.review ? 'review' : 'pass';
}
