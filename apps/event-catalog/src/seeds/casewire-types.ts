import {
  callbackEvents,
  casewireEvents,
  internalEvents,
  Stage,
  stageEventName,
  Topics,
} from '@casewire/contracts';
import type { z } from 'zod';

import { caseFields, caseType, documentType, uploadId } from './case-samples.ts';
import { orderDescriptions } from './order-descriptions.ts';
import { reviewDescriptions } from './review-descriptions.ts';
import { seed, type CataloguedType, type TypeDescription } from './seed.ts';

const { caseId, occurredAt } = caseFields;
const refresh = {
  refreshId: '3e8b2d71-9c45-4f16-a7d0-5b6c7d8e9f01',
  stages: ['extraction'],
  uploadIds: [uploadId],
};

const stages = Stage.options.flatMap((stage): [string, TypeDescription][] => [
  [
    stageEventName(stage, 'completed'),
    caseType(`The ${stage} of a document succeeded; its result can be read`, { uploadId }),
  ],
  [
    stageEventName(stage, 'failed'),
    caseType(`The ${stage} of a document failed and is not repeated`, { uploadId }),
  ],
]);

const descriptions = new Map<string, TypeDescription>([
  ...stages,
  ...reviewDescriptions,
  ...orderDescriptions,
  [
    'case.submitted',
    caseType('A case was accepted', {
      uploadIds: [uploadId],
      stages: ['classification', 'extraction'],
    }),
  ],
  [
    'upload.received',
    documentType('A document was accepted, with its case or later', {
      mediaType: 'application/pdf',
      pages: 2,
      size: 48_213,
    }),
  ],
  [
    'case.completed',
    caseType(
      'Every requested stage of every upload of the case has ended, and no review is open; raised once',
      { result: 'succeeded' },
    ),
  ],
  ['case.canceled', caseType('A case was canceled: nothing more is processed for it', {})],
  [
    'case.refresh.completed',
    caseType('Every stage of a refresh completed: the new results replace the old ones', {
      ...refresh,
      result: 'succeeded',
    }),
  ],
  [
    'case.refresh.failed',
    caseType('A stage of a refresh failed: the old results stay', {
      ...refresh,
      failure: { uploadId, stage: 'extraction', code: 'DEADLINE_EXCEEDED' },
    }),
  ],
  [
    'case.linked',
    {
      category: 'Case',
      trigger: 'A case was submitted for a verification of an order',
      sample: {
        caseId,
        orderId: '7d9a3f10-5c2e-4b61-8f0a-2e6c9b1d4a53',
        verificationId: 'a3c5e7f9-1b2d-4f60-8a7c-9e0d2b4f6a81',
        stages: ['classification', 'extraction', 'forensics'],
        occurredAt,
      },
    },
  ],
  [
    'case.erased',
    {
      category: 'Case',
      trigger: 'A case was deleted with all of its data',
      sample: { caseId, occurredAt },
    },
  ],
  [
    'case.command.refused',
    {
      category: 'Case',
      trigger: 'A command on the topic cases.commands was refused',
      sample: {
        caseId,
        commandId: '5a4d3c2b-1f0e-4d9c-8b7a-6f5e4d3c2b1a',
        command: 'CancelCase',
        code: 'CASE_COMPLETED',
        detail: 'the case is completed already',
        occurredAt,
      },
    },
  ],
  [
    'endpoint.ping',
    {
      category: 'Testing',
      trigger: 'An organization tests one of its endpoints',
      sample: { endpointId: caseId, message: 'This is a test' },
    },
  ],
]);

const typeOf = ([name, data]: readonly [string, z.ZodType]): CataloguedType =>
  seed(name, data, descriptions.get(name)!, {
    owner: 'casewire',
    sourceTopic: name === 'endpoint.ping' ? Topics.registryEvents : Topics.casewireEvents,
    ordering: 'key+feature',
    status: 'active',
    callback: callbackEvents.has(name) ? 'also' : 'none',
    audience: internalEvents.has(name) ? 'internal' : 'partner',
  });

/** Casewire's own event types, from the contracts; all of them are published (TG-1). */
export const casewireTypes: readonly CataloguedType[] = [...casewireEvents].map(typeOf);
