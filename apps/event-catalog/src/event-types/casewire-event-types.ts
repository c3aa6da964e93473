import { casewireEvents, Stage, Topics, type EventType } from '@casewire/contracts';
import { z } from 'zod';

export type CataloguedType = Omit<EventType, 'revision' | 'deletedAt'>;

const triggers: Record<string, string> = {
  'case.submitted': 'A case was accepted',
  'upload.received': 'A document was accepted, with its case or later',
  'case.completed': 'Every requested stage of every upload of the case is over; raised once',
  'endpoint.ping': 'The owner of an endpoint tests it',
  'case.erased': 'A case was deleted with everything that is known of it',
};
for (const stage of Stage.options) {
  triggers[`case.${stage}.completed`] =
    `The ${stage} of a document succeeded; its result can be read`;
  triggers[`case.${stage}.failed`] = `The ${stage} of a document failed, finally`;
}

const internal = new Set(['case.erased']);
const about = {
  caseId: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69',
  externalId: 'applicant-9876',
  occurredAt: '2026-01-22T10:30:00.000Z',
};
const samples: Record<string, object> = {
  'case.submitted': {
    ...about,
    uploadIds: ['0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10'],
    stages: ['classification', 'extraction'],
  },
  'upload.received': {
    ...about,
    uploadId: '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10',
    mediaType: 'application/pdf',
    pages: 2,
    size: 48_213,
  },
  'case.completed': { ...about, result: 'succeeded' },
  'endpoint.ping': { endpointId: about.caseId, message: 'This is a test' },
  'case.erased': { caseId: about.caseId, occurredAt: about.occurredAt },
};

/** Casewire's own event types, as the contracts have them. */
export const casewireEventTypes: readonly CataloguedType[] = [...casewireEvents].map(
  ([name, schema]) => ({
    name,
    version: 1,
    audience: internal.has(name) ? 'internal' : 'partner',
    category: name.startsWith('upload.') ? 'Document' : 'Case',
    trigger: triggers[name]!,
    owner: 'casewire',
    sourceTopic: name === 'endpoint.ping' ? Topics.registryEvents : Topics.casewireEvents,
    ordering: 'key+feature',
    status: 'active',
    callback: 'none',
    addressees: null,
    downConversion: null,
    schema: z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io: 'output',
    }) as EventType['schema'],
    sample: (samples[name] ?? {
      ...about,
      uploadId: '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10',
    }) as EventType['sample'],
  }),
);
