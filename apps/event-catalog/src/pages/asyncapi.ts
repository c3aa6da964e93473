import { EventHeaders, eventTypeKey, Topics } from '@casewire/contracts';
import { z } from 'zod';

import type { CataloguedType } from '../seeds/seed.ts';
import { SchemaComponents } from './components.ts';
import { isFired, schemaOf, type PublishedType } from './published-type.ts';

const casewireTopics = new Set<string>([Topics.casewireEvents, Topics.registryEvents]);

/** Keys of AsyncAPI objects consist of letters, digits, dots, hyphens and underscores. */
const idOf = ({ name, version }: CataloguedType): string => `${name}.v${version}`;

const channelOf = (topic: string): string => topic.replaceAll('.', '-');

/**
 * The AsyncAPI 3.0 document of the events on Kafka: a channel per topic, a message per version. Records are CloudEvents 1.0
 * in the Kafka protocol binding, binary content mode: attributes are headers.
 */
export function asyncApi(published: readonly PublishedType[]): object {
  const types = published.flatMap(({ versions }) => versions).filter(isFired);
  const components = new SchemaComponents();
  const { $schema: _schema, ...headers } = z.toJSONSchema(EventHeaders, {
    target: 'draft-7',
    io: 'input',
  });
  const messages = Object.fromEntries(
    types.map((type) => [
      idOf(type),
      {
        name: eventTypeKey(type.name, type.version),
        title: type.name,
        summary: type.trigger,
        contentType: 'application/json',
        headers: { $ref: '#/components/schemas/CloudEventsHeaders' },
        payload: components.add(idOf(type), schemaOf(type)),
        tags: [{ name: type.category }],
        bindings: { kafka: { key: { type: 'string', description: keyText[type.ordering] } } },
        examples: [{ headers: exampleHeaders(type), payload: type.sample }],
      },
    ]),
  );
  const topics = Map.groupBy(types, ({ sourceTopic }) => sourceTopic);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Casewire events',
      version: '1',
      description:
        'CloudEvents 1.0 in Kafka binary mode. Records with one key are ordered; teams publish with the partitioner murmur2_random.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      [...topics].map(([topic, some]) => [
        channelOf(topic),
        {
          address: topic,
          messages: Object.fromEntries(
            some.map((type) => [idOf(type), { $ref: `#/components/messages/${idOf(type)}` }]),
          ),
        },
      ]),
    ),
    // From Casewire's point of view: it sends its own events and receives those of teams.
    operations: Object.fromEntries(
      [...topics].map(([topic, some]) => {
        const channel = channelOf(topic);
        const action = casewireTopics.has(topic) ? 'send' : 'receive';
        return [
          `${action}-${channel}`,
          {
            action,
            channel: { $ref: `#/channels/${channel}` },
            messages: some.map((type) => ({
              $ref: `#/channels/${channel}/messages/${idOf(type)}`,
            })),
          },
        ];
      }),
    ),
    components: {
      messages,
      schemas: { CloudEventsHeaders: headers, ...components.schemas },
    },
  };
}

const keyText: Readonly<Record<CataloguedType['ordering'], string>> = {
  'key+feature': 'Events with one key and one ce_feature are delivered in order',
  key: 'Events with one key are delivered in order',
  'key+type': 'Events of this type with one key are delivered in order',
  none: 'Has no effect: events are delivered in any order',
};

const exampleHeaders = ({ name, version }: CataloguedType) => ({
  ce_specversion: '1.0',
  ce_id: '5f0c5b5e-0b0f-4d0a-9a52-0f3c7d1e2b4a',
  ce_source: '/example',
  ce_type: name,
  ce_time: '2026-01-22T10:30:00Z',
  'content-type': 'application/json',
  ce_organization: 'a1b2c3d4-e5f6-4890-abcd-ef1234567890',
  ce_environment: 'production',
  ce_dataschemaversion: `${version}`,
});
