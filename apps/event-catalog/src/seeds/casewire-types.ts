import {
  callbackEvents,
  casewireEvents,
  reservedEvents,
  Stage,
  stageEventName,
  Topics,
} from '@casewire/contracts';
import type { z } from 'zod';

import { seed, type CataloguedType, type TypeDescription } from './seed.ts';

const caseFields = {
  caseId: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69',
  externalId: 'applicant-9876',
  occurredAt: '2026-01-22T10:30:00.000Z',
};
const uploadId = '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10';
const reviewId = 'd0e1f234-5678-4012-b456-123456789012';
const orderFields = {
  orderId: '7d9a3f10-5c2e-4b61-8f0a-2e6c9b1d4a53',
  orderNumber: 'CW-2026-000184',
  userId: 'user-311',
  templateId: null,
  metadata: { branch: 'north' },
  occurredAt: '2026-01-22T10:30:00.000Z',
};
const connectionFields = { employerId: 'employer-77', dataSource: 'payroll', linkId: 'link-12' };

const caseType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Case',
  trigger,
  sample,
});
const documentType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Document',
  trigger,
  sample,
});
const orderType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Order',
  trigger,
  sample,
});

const stages = Stage.options.flatMap((stage): [string, TypeDescription][] => [
  [
    stageEventName(stage, 'completed'),
    caseType(`The ${stage} of a document succeeded; its result can be read`, {
      ...caseFields,
      uploadId,
    }),
  ],
  [
    stageEventName(stage, 'failed'),
    caseType(`The ${stage} of a document failed and is not repeated`, { ...caseFields, uploadId }),
  ],
]);

const descriptions = new Map<string, TypeDescription>([
  ...stages,
  [
    'case.submitted',
    caseType('A case was accepted', {
      ...caseFields,
      uploadIds: [uploadId],
      stages: ['classification', 'extraction'],
    }),
  ],
  [
    'upload.received',
    documentType('A document was accepted, with its case or later', {
      ...caseFields,
      uploadId,
      mediaType: 'application/pdf',
      pages: 2,
      size: 48_213,
    }),
  ],
  [
    'case.completed',
    caseType('Every requested stage of every upload of the case has ended; raised once', {
      ...caseFields,
      result: 'succeeded',
    }),
  ],
  [
    'case.erased',
    caseType('A case was deleted with all of its data', {
      caseId: caseFields.caseId,
      occurredAt: caseFields.occurredAt,
    }),
  ],
  [
    'endpoint.ping',
    {
      category: 'Testing',
      trigger: 'An organization tests one of its endpoints',
      sample: { endpointId: caseFields.caseId, message: 'This is a test' },
    },
  ],
  [
    'document.assessed',
    documentType('A verdict was made from the stage results of a document', {
      ...caseFields,
      uploadId,
      documentType: 'passport',
      verdict: 'verified',
      ocrConfidence: 0.95,
      fraudSignals: [],
      securityFeatures: ['mrz_valid'],
    }),
  ],
  [
    'review.opened',
    caseType('A review of the case by a person was requested, automatically or by hand', {
      ...caseFields,
      reviewId,
      reviewType: 'document_review',
      priority: 'high',
      reason: 'The document could not be read',
      cause: 'unprocessable',
    }),
  ],
  [
    'review.assigned',
    caseType('A review was assigned to a person', {
      ...caseFields,
      reviewId,
      assigneeId: 'd4e5f6a7-b8c9-4123-8ef0-456789012345',
    }),
  ],
  [
    'review.resolved',
    caseType('A review was decided', {
      ...caseFields,
      reviewId,
      resolution: 'approved',
      resolvedBy: 'd4e5f6a7-b8c9-4123-8ef0-456789012345',
    }),
  ],
  [
    'document.revised',
    documentType('A document was changed after the result was ready', {
      ...caseFields,
      uploadId,
      revision: 2,
    }),
  ],
  [
    'case.revised',
    caseType('A case was changed after its result was ready', { ...caseFields, revision: 2 }),
  ],
  [
    'order.created',
    orderType('An order was created, before any change of its status', {
      ...orderFields,
      status: 'pending',
    }),
  ],
  [
    'order.status_updated',
    orderType('A task of the order succeeded, and the status of the order changed with it', {
      ...orderFields,
      ...connectionFields,
      status: 'processing',
    }),
  ],
  [
    'order.completed',
    orderType('Every verification of the order is completed or canceled', {
      ...orderFields,
      status: 'completed',
    }),
  ],
  [
    'order.refresh_failed',
    orderType('A refresh of the order failed', {
      ...orderFields,
      ...connectionFields,
      status: 'login_error',
    }),
  ],
  [
    'verification.state_changed',
    orderType('The state of a verification of an order changed', {
      ...orderFields,
      verificationId: 'a3c5e7f9-1b2d-4f60-8a7c-9e0d2b4f6a81',
      state: 'action-required',
    }),
  ],
  [
    'task.status_updated',
    orderType('The status of an attempt to connect changed; failures are included', {
      ...orderFields,
      taskId: 'b4d6f8a0-2c3e-4a71-9b8d-0f1e3c5a7b92',
      trackingInfo: 'employer-77',
      status: 'connected',
    }),
  ],
]);

const internal = new Set(['case.erased']);

const typeOf = (
  status: CataloguedType['status'],
  [name, data]: readonly [string, z.ZodType],
): CataloguedType =>
  seed(name, data, descriptions.get(name)!, {
    owner: 'casewire',
    sourceTopic: name === 'endpoint.ping' ? Topics.registryEvents : Topics.casewireEvents,
    ordering: 'key+feature',
    status,
    callback: callbackEvents.has(name) ? 'also' : 'none',
    audience: internal.has(name) ? 'internal' : 'partner',
  });

/** Casewire's own event types, from the contracts; types that are not raised yet are reserved (TG-1). */
export const casewireTypes: readonly CataloguedType[] = [
  ...[...casewireEvents].map((entry) => typeOf('active', entry)),
  ...[...reservedEvents].map((entry) => typeOf('reserved', entry)),
];
