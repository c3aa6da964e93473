import type { ForensicsResult } from '@casewire/contracts';

import { type EvidenceKind, findingTypes } from '../findings/finding-types.data.ts';
import type { FindingDraft } from '../findings/finding.ts';
import { verdictRules } from './verdict-rules.data.ts';

export type Verdict = ForensicsResult['verdict'];

/**
 * The verdict on a document by its findings. The strongest finding of each kind of evidence counts, and the kinds are
 * treated as independent. A document fails only where two kinds are strong; a weak finding alone changes nothing.
 */
export function verdictOf(findings: readonly Pick<FindingDraft, 'code' | 'confidence'>[]): Verdict {
  const strongest = new Map<EvidenceKind, number>();
  for (const { code, confidence } of findings) {
    const { evidence, weight } = findingTypes[code];
    strongest.set(evidence, Math.max(strongest.get(evidence) ?? 0, weight * confidence));
  }
  const strengths = [...strongest.values()];
  const probability = 1 - strengths.reduce((product, strength) => product * (1 - strength), 1);
  const strong = strengths.filter((strength) => strength >= verdictRules.strong).length;
  if (probability >= verdictRules.fail && strong >= verdictRules.strongKinds) return 'fail';
  return probability >= verdictRules.review ? 'review' : 'pass';
}
