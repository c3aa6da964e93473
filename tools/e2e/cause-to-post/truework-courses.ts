import { randomUUID } from 'node:crypto';

import type { OrderView, VerificationState } from '@casewire/contracts';

import { submitFor, type Orderer, type Templates } from './orders.ts';
import { sample } from './received.ts';

/** An order with one verification, which is followed from state to state. */
export interface Followed {
  orderer: Orderer;
  order: OrderView;
  verificationId: string;
  /** Resolves when the next state of the verification was received. @throws where it is another one */
  next: (state: VerificationState) => Promise<void>;
}

/** What a verification goes through: its template, its states with the reason of each, and their causes. */
export interface Course {
  template: 'documents' | 'instant' | 'approval';
  states: readonly (readonly [VerificationState, reason: string])[];
  /** The causes of all states but the first, one after the other. */
  run: (followed: Followed) => Promise<unknown>;
}

export const templates: Templates = {
  documents: [{ name: 'income', method: 'documents', documentTypes: ['invoice'] }],
  instant: [{ name: 'income', method: 'instant', documentTypes: ['invoice'] }],
  approval: [{ name: 'income', method: 'outreach', documentTypes: ['invoice'], approval: 'any' }],
};

/** Submits a document, and resolves to the id of its case. A letter has no type, and so leads to no success. */
const submit = async (
  { orderer, verificationId }: Followed,
  kind: 'invoice' | 'letter' | 'bank_statement_overlay',
  options: { steered?: string; externalId?: string } = {},
): Promise<string> => (await submitFor(orderer, { id: verificationId }, kind, options)).id;

/** Submits a document of which only the file is checked: the features of the verification are missing, and so its success. */
async function submitWithoutFeatures({ orderer, verificationId }: Followed): Promise<void> {
  const files = [await sample('invoice')];
  await orderer.client.submit({ files, features: [], classify: false, verificationId });
}

/** A reviewer decides about a case that is completed. */
async function decide(
  { orderer: { reviews } }: Followed,
  caseId: string,
  resolution: 'approved' | 'rejected',
): Promise<void> {
  const { id } = await reviews.open(caseId, { reason: 'The applicant called' });
  await reviews.resolve(id, { resolution });
}

/** A reviewer requests further documents in a review that the document opens. */
async function requestDocuments(followed: Followed, externalId: string): Promise<void> {
  const { reviews } = followed.orderer;
  const caseId = await submit(followed, 'invoice', { steered: 'review-verdict', externalId });
  const { items } = await reviews.reviews({ caseId });
  await reviews.resolve(items[0]!.id, { resolution: 'more_requested', comment: 'the letter, too' });
}

const first = ['processing', 'ORDER_CREATED'] as const;
const approvalRequired = ['pending-approval', 'APPROVAL_REQUIRED'] as const;
const withoutSuccess = ['action-required', 'TASK_FAILED'] as const;
const successful = ['completed', 'TASK_SUCCEEDED'] as const;
const invalid = ['invalid', 'TASK_REJECTED'] as const;

/** Together they contain every transition of the table of states. */
export const courses: Readonly<Record<string, Course>> = {
  'information leads to a success, whose case is deleted': {
    template: 'documents',
    states: [
      first,
      withoutSuccess,
      ['processing', 'INFORMATION_GIVEN'],
      successful,
      ['invalid', 'CASE_ERASED'],
      ['canceled', 'CANCELED'],
    ],
    async run(followed) {
      const { orderer, verificationId, next } = followed;
      await submit(followed, 'letter');
      await next('action-required');
      await orderer.orders.giveInformation(verificationId, { employer_since: 2019 });
      await next('processing');
      const caseId = await submit(followed, 'invoice');
      await next('completed');
      await orderer.client.deleteCase(caseId);
      await next('invalid');
      await orderer.orders.cancelVerification(verificationId);
      await next('canceled');
    },
  },
  'a further case leads to a success': {
    template: 'documents',
    states: [first, withoutSuccess, ['processing', 'CASE_SUBMITTED'], successful],
    async run(followed) {
      await submitWithoutFeatures(followed);
      await followed.next('action-required');
      await submit(followed, 'invoice');
      await followed.next('processing');
      await followed.next('completed');
    },
  },
  'documents come for the case that waits for them': {
    template: 'documents',
    states: [
      first,
      ['action-required', 'MORE_DOCUMENTS_REQUESTED'],
      ['processing', 'DOCUMENTS_RECEIVED'],
      successful,
    ],
    async run(followed) {
      const externalId = randomUUID();
      await requestDocuments(followed, externalId);
      await followed.next('action-required');
      await submit(followed, 'invoice', { externalId });
      await followed.next('processing');
      await followed.next('completed');
    },
  },
  'a reviewer approves a case that brought no success': {
    template: 'documents',
    states: [first, withoutSuccess, successful],
    async run(followed) {
      const caseId = await submit(followed, 'letter');
      await followed.next('action-required');
      await decide(followed, caseId, 'approved');
      await followed.next('completed');
    },
  },
  'a reviewer rejects a case that brought no success': {
    template: 'documents',
    states: [first, withoutSuccess, invalid],
    async run(followed) {
      const caseId = await submit(followed, 'letter');
      await followed.next('action-required');
      await decide(followed, caseId, 'rejected');
      await followed.next('invalid');
    },
  },
  'the order is canceled while information is awaited': {
    template: 'documents',
    states: [first, withoutSuccess, ['canceled', 'ORDER_CANCELED']],
    async run(followed) {
      await submitWithoutFeatures(followed);
      await followed.next('action-required');
      await followed.orderer.orders.cancel(followed.order.id);
      await followed.next('canceled');
    },
  },
  'a case without success ends a verification that is instant': {
    template: 'instant',
    states: [first, ['canceled', 'TASK_FAILED']],
    async run(followed) {
      await submitWithoutFeatures(followed);
      await followed.next('canceled');
    },
  },
  'a document of a verification that was approved is rejected': {
    template: 'approval',
    states: [approvalRequired, ['processing', 'APPROVED'], invalid],
    async run(followed) {
      await followed.orderer.orders.approve(followed.verificationId);
      await followed.next('processing');
      await submit(followed, 'bank_statement_overlay');
      await followed.next('invalid');
    },
  },
  'the approval is refused': {
    template: 'approval',
    states: [approvalRequired, ['canceled', 'APPROVAL_REFUSED']],
    async run(followed) {
      await followed.orderer.orders.refuse(followed.verificationId);
      await followed.next('canceled');
    },
  },
};
