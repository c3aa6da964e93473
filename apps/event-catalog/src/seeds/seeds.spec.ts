import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { casewireEvents, eventTypeKey, teamEvents, type SchemaChange } from '@casewire/contracts';
import { checkSchema, compare, compileSchema, type Schema } from '@casewire/event-schemas';
import { describe, expect, test } from 'vitest';

import { seeds } from './seeds.ts';

const contracts = new Map([
  ...casewireEvents,
  ...[...teamEvents].map(([name, { data }]) => [name, data] as const),
]);
const typeOf = (name: string) => seeds.find((one) => one.name === name)!;

test('the seeds have a type for every contract', () => {
  expect(seeds.map(({ name }) => name).toSorted()).toEqual([...contracts.keys()].toSorted());
});

test.each(seeds)(
  '$name: its schema is valid for the catalog, and its sample follows it',
  (type) => {
    expect(checkSchema(type.schema)).toEqual([]);
    expect(compileSchema(type.schema as Schema)(type.sample)).toBeNull();
    expect(contracts.get(type.name)?.safeParse(type.sample).error).toBeUndefined();
    expect(type.trigger).not.toBe('');
  },
);

test('TE-5 TE-6 internal types have the audience internal', () => {
  const internal = seeds.filter(({ audience }) => audience === 'internal');
  expect(internal.map(({ name }) => name)).toEqual([
    'case.linked',
    'case.erased',
    'case.command.refused',
    'order.erased',
  ]);
});

describe('the shipped schemas', () => {
  const shipped = JSON.parse(
    readFileSync(
      join(import.meta.dirname, '../../test/shipped-schemas/shipped-schemas.json'),
      'utf8',
    ),
  ) as Record<string, Schema>;
  const breaking = (current: (key: string, schema: Schema) => Schema): SchemaChange[] =>
    Object.entries(shipped).flatMap(([key, schema]) =>
      compare(schema, current(key, schema)).filter((change) => change.breaking),
    );
  // A reserved type is a draft.
  const active = seeds.filter(({ status }) => status === 'active');
  const present = new Map(
    active.map(({ name, version, schema }) => [eventTypeKey(name, version), schema as Schema]),
  );

  test('are compatible with the present ones: a breaking change requires a new version', () => {
    expect(breaking((key) => present.get(key) ?? {})).toEqual([]);
  });

  test('are those of all active types: ship-schemas.ts adds new ones', () => {
    expect(Object.keys(shipped).toSorted()).toEqual([...present.keys()].toSorted());
  });

  test('show a breaking change', () => {
    const withOneMore = (_: string, schema: Schema): Schema => ({
      ...schema,
      properties: { ...schema.properties, planted: { type: 'string' } },
    });
    const open = active.filter(({ schema }) => schema.additionalProperties !== false);
    expect(open.map(({ name }) => name)).toEqual(['workflow.action.webhook']);
    expect(breaking(withOneMore)).toHaveLength(active.length);
  });
});

test('TG-1 TG-9 the nine fired events have a trigger and a category, and are active', () => {
  // The names are the catalog's; dialects translate them into those of the reference.
  const fired: [name: string, category: string, status: string][] = [
    ['applicant.submitted', 'Applicant', 'active'],
    ['applicant.reviewed', 'Applicant', 'active'],
    ['applicant.verification_complete', 'Applicant', 'active'],
    ['screening.completed', 'Screening', 'active'],
    ['document.assessed', 'Document', 'active'],
    ['review.opened', 'Case', 'active'],
    ['session.completed', 'Session', 'active'],
    ['endpoint.ping', 'Testing', 'active'],
    ['workflow.action.webhook', 'Workflow', 'active'],
  ];
  expect(fired.map(([name]) => [name, typeOf(name).category, typeOf(name).status])).toEqual(fired);
});

test('TG-10 each of the fourteen subscribable names has an event type', () => {
  const names = {
    'applicant.created': 'applicant.created',
    'applicant.updated': 'applicant.updated',
    'applicant.approved': 'applicant.approved',
    'applicant.rejected': 'applicant.rejected',
    'applicant.withdrawn': 'applicant.withdrawn',
    'document.uploaded': 'upload.received',
    'document.verified': 'document.assessed',
    'document.rejected': 'document.assessed',
    'screening.started': 'screening.started',
    'screening.completed': 'screening.completed',
    'screening.hit': 'screening.hit',
    'case.created': 'review.opened',
    'case.resolved': 'review.resolved',
    'case.assigned': 'review.assigned',
  };
  expect(Object.keys(names)).toHaveLength(14);
  for (const type of Object.values(names))
    expect(typeOf(type)).toMatchObject({ audience: 'partner' });
});

test('TG-12 names that are not fired are reserved', () => {
  const teams = seeds.filter(({ owner, status }) => owner !== 'casewire' && status === 'reserved');
  expect(teams.map(({ name }) => name)).toEqual([
    'applicant.created',
    'applicant.updated',
    'applicant.approved',
    'applicant.rejected',
    'applicant.withdrawn',
    'screening.started',
    'screening.hit',
  ]);
  for (const name of casewireEvents.keys()) expect(typeOf(name).status).toBe('active');
});

/** The properties and their JSON Schemas, without patterns: they only repeat a format. An optional property ends with `?`. */
const fields = (name: string): Record<string, unknown> => {
  const { properties = {}, required = [] } = typeOf(name).schema as Schema;
  return Object.fromEntries(
    Object.entries(properties).map(([property, schema]) => [
      required.includes(property) ? property : `${property}?`,
      JSON.parse(
        JSON.stringify(schema, (key, value: unknown) => (key === 'pattern' ? undefined : value)),
      ),
    ]),
  );
};
const uuid = { type: 'string', format: 'uuid' };
const maybe = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const date = { type: 'string', format: 'date-time' };
const text = { type: 'string' };
const maybeText = { type: ['string', 'null'] };
const texts = { type: 'array', items: text };
const oneOf = (...values: string[]) => ({ type: 'string', enum: values });
const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

test('TG-13 applicant.submitted has the fields of the reference', () => {
  expect(fields('applicant.submitted')).toEqual({
    applicant_id: uuid,
    external_id: maybeText,
    status: { type: 'string', const: 'in_progress' },
    submitted_at: maybe(date),
    documents_count: count,
    steps_completed: texts,
  });
});

test('TG-14 applicant.reviewed has the fields of the reference', () => {
  expect(fields('applicant.reviewed')).toEqual({
    applicant_id: uuid,
    external_id: maybeText,
    status: oneOf('approved', 'rejected'),
    risk_score: maybe({ type: 'integer', minimum: 0, maximum: 100 }),
    risk_level: maybe(oneOf('low', 'medium', 'high')),
    review_decision: oneOf('manual_approved', 'manual_rejected', 'auto_approved', 'auto_rejected'),
    reviewed_by: maybe(uuid),
    reviewed_at: maybe(date),
    flags: texts,
  });
});

test('TG-15 applicant.verification_complete has the fields of the reference', () => {
  expect(fields('applicant.verification_complete')).toMatchObject({
    applicant_id: uuid,
    external_id: maybeText,
    status: text,
    'sandbox?': { const: true },
    biometrics_verified: { type: 'boolean' },
    screening_status: oneOf('clear', 'hit', 'not_run'),
    risk_level: oneOf('low', 'medium', 'high', 'unknown'),
    verification_results: {
      properties: {
        biometrics: { required: ['face_match', 'liveness'] },
        screening: { properties: { watchlist: { required: ['status', 'hit_count'] } } },
        risk: { required: ['overall_level', 'score'] },
      },
    },
  });
});

test('TG-16 screening.completed has the fields of the reference', () => {
  expect(fields('screening.completed')).toEqual({
    applicant_id: uuid,
    external_id: maybeText,
    screening_check_id: uuid,
    status: oneOf('clear', 'hit', 'error'),
    hit_count: count,
    check_types: texts,
    list_version: maybeText,
    completed_at: date,
  });
});

test('part of TG-17: the data for document.verified have a verdict, a confidence and the findings', () => {
  expect(fields('document.assessed')).toMatchObject({
    uploadId: uuid,
    externalId: maybeText,
    documentType: { type: 'string' },
    verdict: oneOf('verified', 'rejected', 'review'),
    ocrConfidence: maybe({ type: 'number', minimum: 0, maximum: 1 }),
    fraudSignals: texts,
    securityFeatures: texts,
    occurredAt: date,
  });
});

test('part of TG-18: the data for case.created have a review, its type, priority, reason and cause', () => {
  expect(fields('review.opened')).toMatchObject({
    reviewId: uuid,
    externalId: maybeText,
    reviewType: oneOf('screening_hit', 'document_review', 'risk_review'),
    priority: oneOf('low', 'medium', 'high', 'critical'),
    reason: text,
    cause: oneOf('low_confidence', 'fields_missing', 'verdict', 'unprocessable', 'manual'),
    occurredAt: date,
  });
});

test('TG-19 TG-20 session.completed has the fields of the reference, and is also sent to its callback URL', () => {
  expect(fields('session.completed')).toMatchObject({
    session_id: uuid,
    applicant_id: uuid,
    status: text,
    completed_at: maybe(date),
    completion_data: { anyOf: [{ type: 'object' }, { type: 'null' }] },
  });
  expect(typeOf('session.completed').callback).toBe('also');
});

test('TG-23 TG-24 workflow.action.webhook is sent to its callback URL only, and can have other fields', () => {
  const { callback, schema, sample } = typeOf('workflow.action.webhook');
  expect(callback).toBe('instead');
  const custom = { ...(sample as object), anything: ['of', 'its', 'own'] };
  expect(compileSchema(schema as Schema)(custom)).toBeNull();
});

test('TI-2 events that can have a callback URL are also sent there', () => {
  const also = seeds.filter(({ callback }) => callback === 'also').map(({ name }) => name);
  expect(also.toSorted()).toEqual([
    'case.completed',
    'case.revised',
    'case.submitted',
    'document.revised',
    'review.opened',
    'session.completed',
  ]);
});
