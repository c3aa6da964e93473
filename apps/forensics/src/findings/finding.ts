import type { Box, Finding } from '@casewire/contracts';

import { type FindingCode, findingTypes } from './finding-types.data.ts';

/** A finding before its image is made. */
export interface FindingDraft extends Omit<Finding, 'image' | 'code'> {
  code: FindingCode;
  /** The boxes that its image outlines; `box` where they are absent. */
  marks?: Box[];
}

/** Whether a check ran, and why not where it did not. */
export interface CheckStatus {
  code: FindingCode;
  ran: boolean;
  reason: string | null;
}

/** The findings of several checks, and which of these ran. */
export interface CheckResults {
  findings: FindingDraft[];
  checks: CheckStatus[];
}

export const ran = (code: FindingCode): CheckStatus => ({ code, ran: true, reason: null });
export const skipped = (code: FindingCode, reason: string): CheckStatus => ({
  code,
  ran: false,
  reason,
});

/** Where a finding is on the document, and how certain it is (0 to 1). */
export type FindingPlace = Pick<FindingDraft, 'page' | 'box' | 'marks' | 'confidence'>;

type Facts<Code extends FindingCode> = Parameters<(typeof findingTypes)[Code]['explain']>;

/**
 * A finding with the severity and the explanation of its code.
 * @param facts the values that the explanation of this code states
 */
export function finding<Code extends FindingCode>(
  code: Code,
  { page, box, marks, confidence }: FindingPlace,
  ...facts: Facts<Code>
): FindingDraft {
  const { severity, explain } = findingTypes[code];
  // The compiler does not relate the parameters of one code to those of all codes.
  const explanation = (explain as (...values: Facts<Code>) => string)(...facts);
  return { code, severity, confidence, page, box, ...(marks && { marks }), explanation };
}
