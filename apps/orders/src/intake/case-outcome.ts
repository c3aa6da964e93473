import {
  CaseActionRequiredData,
  CaseCanceledData,
  CaseCommandRefusedData,
  CaseCompletedData,
  CaseErasedData,
  CaseLinkedData,
  CaseRefreshCompletedData,
  CaseRefreshFailedData,
  DocumentAssessedData,
  ReviewResolvedData,
  UploadReceivedData,
} from '@casewire/contracts';
import type { z } from 'zod';

import type { CaseOutcome } from '../order/order-command.ts';

/** The data of an event of a case, parsed. */
export interface ParsedOutcome {
  caseId: string;
  outcome: CaseOutcome;
  /** The order that the case says it belongs to, where it is submitted. */
  orderId: string | null;
}

type Reader = (data: unknown) => ParsedOutcome;

/** @throws ZodError */
const reads =
  <Data extends { caseId: string }>(
    schema: z.ZodType<Data>,
    outcomeOf: (data: Data) => CaseOutcome,
    orderOf: (data: Data) => string | null = () => null,
  ): Reader =>
  (json) => {
    const data = schema.parse(json);
    return { caseId: data.caseId, outcome: outcomeOf(data), orderId: orderOf(data) };
  };

/** The events of cases that change orders, by type. */
export const outcomeReaders: ReadonlyMap<string, Reader> = new Map([
  [
    'case.linked',
    reads(
      CaseLinkedData,
      ({ verificationId, stages }) => ({ type: 'linked', verificationId, stages }),
      ({ orderId }) => orderId,
    ),
  ],
  ['upload.received', reads(UploadReceivedData, () => ({ type: 'upload_received' }))],
  [
    'document.assessed',
    reads(DocumentAssessedData, ({ uploadId, documentType, verdict }) => ({
      type: 'document_assessed',
      uploadId,
      documentType,
      verdict,
    })),
  ],
  [
    'review.resolved',
    reads(ReviewResolvedData, ({ resolution }) => ({ type: 'review_resolved', resolution })),
  ],
  ['case.action_required', reads(CaseActionRequiredData, () => ({ type: 'action_required' }))],
  ['case.completed', reads(CaseCompletedData, ({ result }) => ({ type: 'completed', result }))],
  ['case.canceled', reads(CaseCanceledData, () => ({ type: 'canceled' }))],
  [
    'case.refresh.completed',
    reads(CaseRefreshCompletedData, ({ refreshId, result }) => ({
      type: 'refresh_completed',
      refreshId,
      result,
    })),
  ],
  [
    'case.refresh.failed',
    reads(CaseRefreshFailedData, ({ refreshId, failure }) => ({
      type: 'refresh_failed',
      refreshId,
      failure: failure.code,
    })),
  ],
  [
    'case.command.refused',
    reads(CaseCommandRefusedData, ({ commandId, code }) => ({
      type: 'command_refused',
      commandId,
      code,
    })),
  ],
  ['case.erased', reads(CaseErasedData, () => ({ type: 'erased' }))],
]);
