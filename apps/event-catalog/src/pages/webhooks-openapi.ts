import type { Schema } from '@casewire/event-schemas';
import { dialects } from '@casewire/webhooks';

import type { CataloguedType } from '../seeds/seed.ts';
import { SchemaComponents } from './components.ts';
import { isFired, sampleEvent, schemaOf, type PublishedType } from './published-type.ts';

const { casewire } = dialects;

const header = (name: string, description: string, required: boolean, schema: object) => ({
  name,
  in: 'header',
  description,
  required,
  schema,
});
const text = { type: 'string' };

const headers = [
  header('webhook-id', 'The event’s id: the same in every attempt', true, {
    type: 'string',
    format: 'uuid',
  }),
  header('webhook-timestamp', 'Unix time of the attempt, in seconds', true, {
    type: 'string',
    pattern: '^\\d+$',
  }),
  header(
    'webhook-signature',
    'v1,<base64> of HMAC-SHA256 over id.timestamp.body (Standard Webhooks); several, separated by spaces, while a secret is rotated',
    true,
    text,
  ),
  header(
    'webhook-sequence',
    'The event’s position in its lane, from 1; absent in replays',
    false,
    text,
  ),
  header('webhook-previous-id', 'The id of the previous event in its lane', false, text),
  header('webhook-gap', 'How many events directly before it were given up', false, text),
  header(
    'webhook-sequence-signature',
    'v1,<base64> of HMAC-SHA256 over id.timestamp.sequence.previous-id, and .gap where there is one',
    false,
    text,
  ),
  header('webhook-replay', 'The id of the replay job that sends the event again', false, text),
  header('casewire-upload-id', 'The id of the upload, for events about one upload', false, text),
  header('traceparent', 'W3C Trace Context', false, text),
];

/** The OpenAPI 3.1 document of the requests to endpoints of the dialect casewire: a webhook per version that is fired. */
export function webhooksOpenApi(published: readonly PublishedType[]): object {
  const components = new SchemaComponents();
  const fired = published.flatMap(({ versions }) => versions.filter(isFired));
  const webhooks = Object.fromEntries(
    fired.map((type) => [
      `${type.name}.v${type.version}`,
      {
        post: {
          operationId: `${type.name}.v${type.version}`,
          summary: type.trigger,
          tags: [type.category],
          deprecated: type.status === 'deprecated',
          parameters: headers,
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: components.add(`${type.name}.v${type.version}`, bodySchema(type)),
                example: casewire.body(sampleEvent(type), { endpointId: null }),
              },
            },
          },
          responses: {
            '2XX': { description: 'The event is delivered' },
            default: { description: 'The event is sent again later with the same webhook-id' },
          },
        },
      },
    ]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Casewire webhooks',
      version: '1',
      description: 'The POST requests of Casewire to an endpoint of the dialect casewire.',
    },
    webhooks,
    components: { schemas: components.schemas },
  };
}

/** The schema of the body in the dialect casewire, which contains all of the event's data or a part of them. */
export function bodySchema(type: CataloguedType): Schema {
  const { $defs, $schema: _schema, $id: _id, ...data } = schemaOf(type);
  const sample = casewire.body(sampleEvent(type), { endpointId: null }) as {
    payload: Record<string, unknown>;
  };
  const occurredAt: Schema = { type: 'string', format: 'date-time' };
  const all = { ...data.properties, occurredAt };
  // The payload of the eight terminal events has three fields only.
  const isWhole = Object.keys(type.sample as object).every((name) =>
    Object.hasOwn(sample.payload, name),
  );
  const payload: Schema = isWhole
    ? { ...data, properties: all, required: [...new Set([...(data.required ?? []), 'occurredAt'])] }
    : {
        type: 'object',
        properties: Object.fromEntries(
          Object.keys(sample.payload).map((name) => [name, all[name as keyof typeof all] ?? true]),
        ),
        required: Object.keys(sample.payload),
        additionalProperties: false,
      };
  return {
    type: 'object',
    properties: { eventName: { const: type.name }, payload },
    required: ['eventName', 'payload'],
    additionalProperties: false,
    ...($defs && { $defs }),
  };
}
