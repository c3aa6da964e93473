import type { CaseResult } from '@casewire/contracts';

import type { CaseState, Run } from './case-state.ts';

/** The result of a case by the results of its stages. */
export const resultOf = ({ uploads }: Pick<CaseState, 'uploads'>): CaseResult =>
  resultOfRuns([...uploads.values()].flatMap(({ runs }) => [...runs.values()]));

function resultOfRuns(runs: readonly Pick<Run, 'status'>[]): CaseResult {
  const failed = runs.filter(({ status }) => status === 'failed').length;
  if (failed === 0) return 'succeeded';
  return failed === runs.length ? 'failed' : 'partially_failed';
}
