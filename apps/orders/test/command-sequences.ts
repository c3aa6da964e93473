import { ReviewResolution, uuidV5, type DocumentVerdict } from '@casewire/contracts';
import * as fc from 'fast-check';

import { commandIdOf } from '../src/order/decision.ts';
import type { CaseOutcome, OrderCommand } from '../src/order/order-command.ts';
import type { OrderState } from '../src/order/order-state.ts';
import { approver, now, orderer, tenant, verification } from './order-trial.ts';

/** One step of a sequence: it becomes a command when the state before it, its place and the id of the order are known. */
export type Step = (state: OrderState, index: number, orderId: string) => OrderCommand;

/** One of the values, by a number of any size. */
const pick = <T>(values: readonly T[], number: number): T | undefined =>
  values[number % Math.max(values.length, 1)];

const idOf = (orderId: string, kind: string, number: number) => uuidV5(orderId, kind, `${number}`);

const creation = fc
  .array(
    fc.record({
      method: fc.constantFrom('instant' as const, 'documents' as const, 'outreach' as const),
      approval: fc.constantFrom(
        'none' as const,
        'none' as const,
        'any' as const,
        'another' as const,
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all): Step => (_, __, orderId) => ({
    type: 'CreateOrder',
    orderId,
    ...tenant,
    // The number of an order is unique.
    number: orderId,
    templateId: 'casewire.income',
    templateVersion: 1,
    userId: null,
    verifications: all.map((one, i) =>
      verification(`verification-${i}`, {
        ...one,
        verificationId: idOf(orderId, 'verification', i),
      }),
    ),
    by: orderer,
    now,
  }));

const verificationOf = ({ verifications }: OrderState, number: number): string =>
  pick([...verifications.keys()], number) ?? idOf('none', 'verification', number);

const outcome = (orderId: string, caseId: string, of: CaseOutcome): OrderCommand => ({
  type: 'RecordCaseOutcome',
  orderId,
  caseId,
  outcome: of,
  now,
});

/** A case of a small number: the same one is linked again now and then. */
const linking: fc.Arbitrary<Step> = fc
  .record({ verification: fc.nat(3), number: fc.nat(5), translates: fc.boolean() })
  .map(
    ({ verification: to, number, translates }): Step =>
      (state, _, orderId) =>
        outcome(orderId, idOf(orderId, 'case', number), {
          type: 'linked',
          verificationId: verificationOf(state, to),
          stages: translates ? ['translation'] : ['classification', 'extraction', 'forensics'],
        }),
  );

const caseOutcome: fc.Arbitrary<CaseOutcome> = fc.oneof(
  fc.record({
    type: fc.constant('document_assessed' as const),
    uploadId: fc.constantFrom(idOf('a', 'upload', 1), idOf('a', 'upload', 2)),
    documentType: fc.constantFrom('payslip' as const, 'payslip' as const, 'passport' as const),
    verdict: fc.constantFrom<DocumentVerdict>('verified', 'verified', 'review', 'rejected'),
  }),
  fc.record({
    type: fc.constant('review_resolved' as const),
    resolution: fc.constantFrom(...ReviewResolution.options),
  }),
  fc.record({
    type: fc.constant('completed' as const),
    result: fc.constantFrom(
      'succeeded' as const,
      'succeeded' as const,
      'partially_failed' as const,
      'failed' as const,
    ),
  }),
  fc.constantFrom<CaseOutcome>(
    { type: 'action_required' },
    { type: 'upload_received' },
    { type: 'canceled' },
    { type: 'erased' },
  ),
);

/** Anything that can happen to a case of the order, in any order. */
const happening: fc.Arbitrary<Step> = fc.record({ number: fc.nat(20), of: caseOutcome }).map(
  ({ number, of }): Step =>
    (state, _, orderId) =>
      outcome(orderId, pick([...state.tasks.keys()], number) ?? idOf(orderId, 'case', number), of),
);

/** What the case of a task needs for its success: sequences get to their end. */
const success: fc.Arbitrary<Step> = fc.nat(20).map((number): Step => (state, _, orderId) => {
  const task = pick(
    [...state.tasks.values()].filter(({ result }) => result === null),
    number,
  );
  const caseId = task?.caseId ?? idOf(orderId, 'case', number);
  if (task && task.documents.size > 0)
    return outcome(orderId, caseId, { type: 'completed', result: 'succeeded' });
  const [uploadId, documentType, verdict] = [
    idOf('a', 'upload', 1),
    'payslip',
    'verified',
  ] as const;
  return outcome(orderId, caseId, { type: 'document_assessed', uploadId, documentType, verdict });
});

/** How the refresh of a task ends: one that is under way, or one that nobody requested. */
const refreshEnd: fc.Arbitrary<Step> = fc
  .record({ number: fc.nat(20), end: fc.nat(2), strange: fc.boolean() })
  .map(({ number, end, strange }): Step => (state, index, orderId) => {
    const open = [...state.tasks.values()].filter(({ id }) => state.refresh?.open.has(id));
    const task = pick(strange ? [...state.tasks.values()] : open, number);
    const caseId = task?.caseId ?? idOf(orderId, 'case', number);
    const refresh = strange ? `${index}` : (state.refresh?.id ?? '');
    const commandId = commandIdOf(orderId, 'RefreshCase', caseId, refresh);
    const failure = 'DEADLINE_EXCEEDED';
    const ends: CaseOutcome[] = [
      { type: 'refresh_completed', refreshId: commandId, result: 'succeeded' },
      { type: 'refresh_failed', refreshId: commandId, failure },
      { type: 'command_refused', commandId, code: 'RUN_IN_PROGRESS' },
    ];
    return outcome(orderId, caseId, ends[end]!);
  });

const decision: fc.Arbitrary<Step> = fc
  .record({
    number: fc.nat(3),
    type: fc.constantFrom(
      'ApproveVerification' as const,
      'ApproveVerification' as const,
      'RefuseVerification' as const,
      'CancelVerification' as const,
      'GiveInformation' as const,
    ),
    by: fc.constantFrom(orderer, approver, approver),
  })
  .map(({ number, type, by }): Step => (state, index, orderId) => ({
    type,
    verificationId: verificationOf(state, number),
    informationId: idOf(orderId, 'information', index),
    by,
    now,
  }));

const refresh: fc.Arbitrary<Step> = fc
  .record({ selects: fc.boolean(), number: fc.nat(3), repeats: fc.boolean() })
  .map(({ selects, number, repeats }): Step => (state, index, orderId) => ({
    type: 'RefreshOrder',
    refreshId:
      (repeats ? [...state.refreshIds].at(-1) : undefined) ?? idOf(orderId, 'refresh', index),
    verificationIds: selects ? [verificationOf(state, number)] : null,
    by: orderer,
    now,
  }));

const ending: fc.Arbitrary<Step> = fc
  .constantFrom('CancelOrder' as const, 'CancelOrder' as const, 'DeleteOrder' as const)
  .map((type): Step => () => ({ type, by: orderer, now }));

/** Sequences of everything that can happen to an order, in any order, duplicates and late events included. */
export const commandSequences: fc.Arbitrary<Step[]> = fc
  .tuple(
    creation,
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: linking },
        { weight: 5, arbitrary: success },
        { weight: 5, arbitrary: happening },
        { weight: 3, arbitrary: decision },
        { weight: 2, arbitrary: refresh },
        { weight: 3, arbitrary: refreshEnd },
        { weight: 1, arbitrary: ending },
      ),
      { minLength: 5, maxLength: 50, size: 'max' },
    ),
  )
  .map(([first, rest]) => [first, ...rest]);
