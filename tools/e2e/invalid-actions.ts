const long = (length: number) => 'x'.repeat(length);

/** Texts that no field accepts, whatever it is for. */
const texts = (field: string, longest: number, body: object = {}): [object, string][] => [
  [{ ...body, [field]: '' }, field],
  [{ ...body, [field]: long(longest + 1) }, field],
  [{ ...body, [field]: 7 }, field],
  [{ ...body, [field]: 'a\0' }, field],
  [{ ...body, [field]: 'a\ud800' }, field],
];

/** Bodies of `POST cases/:id/reviews`, each with the field that the problem names. */
export const invalidReviews: [unknown, string][] = [
  [{}, 'reason'],
  ...texts('reason', 4000),
  [{ reason: 'x', priority: 'urgent' }, 'priority'],
  [{ reason: 'x', reviewType: 'other' }, 'reviewType'],
  [{ reason: 'x', uploadId: 'none' }, 'uploadId'],
  [{ reason: 'x', uploadId: null }, 'uploadId'],
  [{ reason: 'x', colour: 'red' }, 'colour'],
  [[], ''],
];

/** Bodies of `POST reviews/:id/assign`. */
export const invalidAssignments: [unknown, string][] = [
  [{}, 'assigneeId'],
  [{ assigneeId: 'Ana' }, 'assigneeId'],
  ...texts('assigneeName', 200, { assigneeId: '019a0000-0000-7000-8000-000000000000' }),
  [{ assigneeId: '019a0000-0000-7000-8000-000000000000', name: 'Ana' }, 'name'],
];

/** Bodies of `POST reviews/:id/comments`. */
export const invalidComments: [unknown, string][] = [
  [{}, 'text'],
  ...texts('text', 4000),
  [{ text: 'x', colour: 'red' }, 'colour'],
];

const uploadId = '019a0000-0000-7000-8000-000000000000';
const corrected = (...fields: unknown[]) => ({
  resolution: 'corrected',
  corrections: [{ uploadId, fields }],
});
const field = { name: 'surname', value: 'x' };

/** Bodies of `POST reviews/:id/resolve`. */
export const invalidDecisions: [unknown, string][] = [
  [{}, 'resolution'],
  [{ resolution: 'maybe' }, 'resolution'],
  [{ resolution: 'more_requested' }, 'comment'],
  [{ resolution: 'corrected' }, 'corrections'],
  [{ resolution: 'corrected', corrections: [] }, 'corrections'],
  [{ resolution: 'approved', corrections: [{ uploadId, fields: [field] }] }, 'corrections'],
  ...texts('comment', 4000, { resolution: 'approved' }),
  [corrected(), 'corrections.0.fields'],
  [corrected({ ...field, name: 'Last name' }), 'corrections.0.fields.0.name'],
  [corrected({ ...field, value: '' }), 'corrections.0.fields.0.value'],
  [corrected({ ...field, value: 7 }), 'corrections.0.fields.0.value'],
  [corrected({ ...field, value: long(1025) }), 'corrections.0.fields.0.value'],
  [corrected({ ...field, value: 'a\0' }), 'corrections.0.fields.0.value'],
  [corrected({ ...field, colour: 'red' }), 'corrections.0.fields.0.colour'],
  [corrected(field, field), 'corrections.0.fields'],
  [
    corrected(...Array.from({ length: 101 }, (_, i) => ({ ...field, name: `field_${i}` }))),
    'corrections.0.fields',
  ],
  [
    { resolution: 'corrected', corrections: [{ uploadId: 'x', fields: [field] }] },
    'corrections.0.uploadId',
  ],
];

/** Bodies of `POST cases/:id/revisions`. */
export const invalidRevisions: [unknown, string][] = [
  [{ externalId: 'a' }, 'reason'],
  [{ reason: 'nothing changes' }, ''],
  ...texts('reason', 4000, { reference: 'a' }),
  ...texts('externalId', 128, { reason: 'x' }),
  [{ externalId: null, reason: 'x' }, 'externalId'],
  ...texts('reference', 256, { reason: 'x' }),
  [{ metadata: { a: { b: 1 } }, reason: 'x' }, 'metadata.a'],
  [{ metadata: { a: null }, reason: 'x' }, 'metadata.a'],
  [{ metadata: { a: 'b\0' }, reason: 'x' }, 'metadata.a'],
  [{ metadata: { 'a\0': 1 }, reason: 'x' }, 'metadata'],
  [{ metadata: { [long(65)]: 1 }, reason: 'x' }, `metadata.${long(65)}`],
  [
    { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [i, i])), reason: 'x' },
    'metadata',
  ],
  [{ reference: 'a', reason: 'x', correlationId: 'b' }, 'correlationId'],
];

/** Bodies of `POST cases/:id/uploads/:uploadId/revisions`. */
export const invalidCorrections: [unknown, string][] = [
  [{ reason: 'x' }, 'fields'],
  [{ fields: [], reason: 'x' }, 'fields'],
  [{ fields: [field] }, 'reason'],
  ...texts('reason', 4000, { fields: [field] }),
  [{ fields: [field, field], reason: 'x' }, 'fields'],
  [{ fields: [{ name: 'surname' }], reason: 'x' }, 'fields.0.value'],
  [{ fields: [field], reason: 'x', version: 2 }, 'version'],
];

/** Bodies of `POST cases/:id/refresh`. */
export const invalidRefreshes: [unknown, string][] = [
  [{ stages: [] }, 'stages'],
  [{ stages: 'extraction' }, 'stages'],
  [{ stages: ['extraction', 'magic'] }, 'stages.1'],
  [{ stages: ['extraction', 'translation'] }, 'stages.1'],
  [{ uploadIds: [] }, 'uploadIds'],
  [{ uploadIds: ['x'] }, 'uploadIds.0'],
  [{ uploadIds: [uploadId] }, 'uploadIds.0'],
  [{ colour: 'red' }, 'colour'],
];

/** Bodies of `POST test-clock/advance`. */
export const invalidAdvances: [unknown, string][] = [
  [{}, 'seconds'],
  [{ seconds: 0 }, 'seconds'],
  [{ seconds: 1.5 }, 'seconds'],
  [{ seconds: 2_592_001 }, 'seconds'],
  [{ seconds: '60' }, 'seconds'],
  [{ seconds: 60, minutes: 1 }, 'minutes'],
];
