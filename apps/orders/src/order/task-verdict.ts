import type { Task, Verification } from './order-state.ts';

/** What the results of a task's case mean for its verification. `reason` is a code. */
export type TaskVerdict =
  | { status: 'succeeded'; reason: null }
  | { status: 'failed' | 'rejected'; reason: string };

const failed = (reason: string): TaskVerdict => ({ status: 'failed', reason });

/**
 * Decides whether a task whose case was completed is successful: a reviewer approved the case, or everything succeeded and the
 * documents of the ordered types are verified.
 */
export function verdictOn(
  { decision, result, documents, stages }: Task,
  { documentTypes, features }: Pick<Verification, 'documentTypes' | 'features'>,
): TaskVerdict {
  if (decision === 'rejected') return { status: 'rejected', reason: 'REVIEW_REJECTED' };
  if (!features.every((feature) => stages.includes(feature))) return failed('FEATURE_MISSING');
  if (decision === 'approved' && result !== 'failed') return { status: 'succeeded', reason: null };
  const all = [...documents.values()];
  if (all.some(({ verdict }) => verdict === 'rejected'))
    return { status: 'rejected', reason: 'DOCUMENT_REJECTED' };
  if (result === 'failed') return failed('CASE_FAILED');
  if (result !== 'succeeded') return failed('CASE_PARTIALLY_FAILED');
  const matching = all.filter(({ documentType }) => documentTypes.includes(documentType));
  if (matching.length === 0) return failed('DOCUMENT_TYPE_MISSING');
  if (matching.some(({ verdict }) => verdict !== 'verified'))
    return failed('DOCUMENT_NOT_VERIFIED');
  return { status: 'succeeded', reason: null };
}
