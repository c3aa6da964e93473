import { Topics, uuidV5, type EventType } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';
import { describe, expect, test } from 'vitest';

import { catalogOf, eventType, organizationId } from '../../test/events.ts';
import { EventRejected } from '../model/incoming-event.ts';
import { CatalogView } from '../registry/catalog-view.ts';
import { parseEvent } from './parse-event.ts';

const thing = eventType({
  schema: { type: 'object', required: ['said'], properties: { said: { type: 'string' } } },
});
const view = (...types: EventType[]) => new CatalogView(catalogOf(...types));

const record = (over: {
  headers?: Record<string, string | undefined>;
  value?: Buffer | string | null;
  key?: string | null;
  topic?: string;
}): IncomingRecord => {
  const headers: Record<string, string | undefined> = {
    ce_specversion: '1.0',
    ce_id: 'some-1',
    ce_source: '/somewhere',
    ce_type: 'thing.happened',
    ce_time: '2026-01-22T11:30:00+01:00',
    'content-type': 'application/json',
    ce_organization: organizationId,
    ce_environment: 'sandbox',
    ...over.headers,
  };
  const value = over.value === undefined ? '{"said":"hello"}' : over.value;
  return {
    topic: over.topic ?? Topics.casewireEvents,
    partition: 3,
    offset: 41n,
    key: over.key === undefined ? 'case-1' : over.key,
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: Object.fromEntries(
      Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    timestamp: new Date('2026-01-22T10:30:01Z'),
  };
};

const codeOf = (one: IncomingRecord, catalog = view(thing)): string => {
  try {
    parseEvent(one, catalog);
  } catch (error) {
    expect(error).toBeInstanceOf(EventRejected);
    expect(error).toMatchObject({ retriable: false });
    return (error as EventRejected).code;
  }
  return 'accepted';
};

test('a record is parsed as the event in it', () => {
  const headers = { ce_feature: 'extraction', traceparent: '00-trace', ce_unknown: 'passes' };
  expect(parseEvent(record({ headers }), view(thing))).toMatchObject({
    id: uuidV5('event', Topics.casewireEvents, '/somewhere', 'some-1'),
    type: 'thing.happened',
    version: 1,
    organizationId,
    environment: 'sandbox',
    occurredAt: '2026-01-22T10:30:00.000Z',
    feature: 'extraction',
    data: { said: 'hello' },
    key: 'case-1',
    offset: 41n,
    publishedAt: new Date('2026-01-22T10:30:01Z'),
    traceparent: '00-trace',
  });
});

describe('the id and the digest of an event', () => {
  const of = (over: Parameters<typeof record>[0]) => parseEvent(record(over), view(thing));
  const [one, again] = [of({}), of({ headers: { traceparent: 'another' } })];

  test('are the same each time a record is published', () => {
    expect([again.id, again.digest]).toEqual([one.id, one.digest]);
  });

  test('depend on id and source, and on the content', () => {
    expect(of({ headers: { ce_id: 'some-2' } }).id).not.toBe(one.id);
    expect(of({ headers: { ce_source: '/elsewhere' } }).id).not.toBe(one.id);
    expect(of({ value: '{"said":"other"}' })).toMatchObject({ id: one.id });
    expect(of({ value: '{"said":"other"}' }).digest).not.toEqual(one.digest);
    expect(of({ headers: { ce_time: '2026-01-22T10:30:01Z' } }).digest).not.toEqual(one.digest);
  });
});

describe('a record is rejected', () => {
  test.each([
    'ce_specversion',
    'ce_id',
    'ce_source',
    'ce_type',
    'ce_time',
    'content-type',
    'ce_organization',
    'ce_environment',
  ])('without %s', (name) => {
    expect(codeOf(record({ headers: { [name]: undefined } }))).toBe('EVENT_HEADERS_INVALID');
  });

  test.each([
    ['ce_specversion', '0.3'],
    ['ce_time', 'yesterday'],
    ['content-type', 'text/plain'],
    ['ce_organization', 'somebody'],
    ['ce_environment', 'staging'],
    ['ce_dataschemaversion', '0'],
    ['ce_id', ''],
    ['ce_source', 'x'.repeat(513)],
  ])('whose %s is %j', (name, value) => {
    expect(codeOf(record({ headers: { [name]: value } }))).toBe('EVENT_HEADERS_INVALID');
  });

  test('and the reason names the header', () => {
    expect(() => parseEvent(record({ headers: { ce_time: 'now' } }), view(thing))).toThrow(
      /ce_time/,
    );
  });

  test.each([
    ['reserved', 'EVENT_TYPE_RESERVED', 'is reserved: it is not delivered until it is active'],
    ['retired', 'EVENT_TYPE_RETIRED', 'is retired: it is not delivered any more'],
  ] as const)('whose type is %s, and the reason says so', (status, code, reason) => {
    for (const version of [undefined, '1']) {
      const given = record({ headers: { ce_dataschemaversion: version } });
      expect(() => parseEvent(given, view({ ...thing, status }))).toThrow(
        expect.objectContaining({ code, message: `thing.happened@1 ${reason}` }),
      );
    }
  });

  test('whose type has a retired and a reserved version: the reserved one is named', () => {
    const types = view(
      { ...thing, status: 'retired' },
      { ...thing, version: 2, status: 'reserved' },
    );
    expect(codeOf(record({}), types)).toBe('EVENT_TYPE_RESERVED');
    const old = record({ headers: { ce_dataschemaversion: '1' } });
    expect(codeOf(old, types)).toBe('EVENT_TYPE_RETIRED');
  });

  test('whose type is not in the catalog, or not in its version', () => {
    expect(codeOf(record({ headers: { ce_type: 'thing.else' } }))).toBe('EVENT_TYPE_UNKNOWN');
    expect(codeOf(record({ headers: { ce_dataschemaversion: '2' } }))).toBe('EVENT_TYPE_UNKNOWN');
    expect(() =>
      parseEvent(record({ headers: { ce_dataschemaversion: '2' } }), view(thing)),
    ).toThrow('thing.happened@2 is not in the catalog');
  });

  test('TG-23 that names a dialect without a name for it, and goes to its own URL only', () => {
    const workflow = eventType({ name: 'thing.happened', callback: 'instead' });
    const headers = { ce_destination: 'https://one.example/cb', ce_dialect: 'truv' };
    expect(() => parseEvent(record({ headers }), view(workflow))).toThrow(
      expect.objectContaining({
        code: 'EVENT_DIALECT_WITHOUT_NAME',
        message: 'ce_dialect: truv has no name for thing.happened',
      }),
    );
    // Endpoints still get it.
    const also = eventType({ name: 'thing.happened', callback: 'also' });
    expect(parseEvent(record({ headers }), view(also))).toMatchObject({ callbackDialect: 'truv' });
  });

  test('on another topic than the one of its type', () => {
    expect(codeOf(record({ topic: 'events.billing' }))).toBe('EVENT_TOPIC_WRONG');
  });

  test.each([null, '', 'no json', '[]', '"text"', '7', 'null', '{"a":'])(
    'whose data is %j',
    (value) => {
      expect(codeOf(record({ value }))).toBe('EVENT_NOT_JSON');
    },
  );

  test.each([
    ['NUL in its data', { value: '{"said":"a\\u0000b"}' }],
    ['NUL in the name of a field', { value: '{"said":"a","b\\u0000":1}' }],
    ['half a character in its data', { value: '{"said":"\\ud83d"}' }],
    ['NUL in its key', { key: 'a\0b' }],
    ['NUL in its feature', { headers: { ce_feature: 'a\0b' } }],
  ])('with %s', (_, over) => {
    expect(codeOf(record(over))).toBe('EVENT_NOT_TEXT');
  });

  test.each(['{}', '{"said":7}'])('whose data %s violates its schema', (value) => {
    expect(codeOf(record({ value }))).toBe('EVENT_SCHEMA_VIOLATED');
  });
});

test.each(['{"said":"😀 ñ"}', '{"said":"\\\\u0000 in words"}', '{"said":"\\ud83d\\ude00"}'])(
  'the data %s is accepted',
  (value) => {
    expect(codeOf(record({ value }))).toBe('accepted');
  },
);
