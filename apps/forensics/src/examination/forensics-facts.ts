import type { ForensicsResult, StageFacts } from '@casewire/contracts';

type ForensicsFacts = Extract<StageFacts, { stage: 'forensics' }>;

/**
 * What a verdict on the document needs to know about its forensics. Of several findings with one code only the one with the
 * highest confidence is a fact, so that the size is limited by the number of codes.
 */
export function forensicsFacts({ verdict, findings, checks }: ForensicsResult): ForensicsFacts {
  const strongest = new Map<string, ForensicsFacts['findings'][number]>();
  for (const { code, severity, confidence } of findings) {
    if (confidence > (strongest.get(code)?.confidence ?? -1))
      strongest.set(code, { code, severity, confidence });
  }
  return {
    stage: 'forensics',
    verdict,
    findings: [...strongest.values()],
    passedChecks: checks.flatMap(({ code, ran }) => (ran && !strongest.has(code) ? [code] : [])),
  };
}
