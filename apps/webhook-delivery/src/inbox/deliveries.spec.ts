import { Sealer } from '@casewire/auth';
import { Converter } from '@casewire/event-schemas';
import { afterAll, expect, test } from 'vitest';

import { callbackUrlOwner } from '../destinations/callback-destination.ts';
import type { NewDelivery } from '../lanes/lane-store.ts';
import {
  catalogOf,
  endpoint,
  eventType,
  incomingEvent,
  organization,
  type EventOver,
} from '../testing/events.ts';
import { CatalogView } from './catalog-view.ts';
import { Deliveries } from './deliveries.ts';
import { Versions } from './versions.ts';

const schema = (property: string, type: string) => ({
  type: 'object',
  properties: { [property]: { type } },
  required: [property],
  additionalProperties: false,
});
const types = [
  eventType({ version: 1, schema: schema('name', 'string') }),
  eventType({ version: 2, schema: schema('names', 'array'), downConversion: '{"name": names[0]}' }),
  eventType({
    version: 3,
    schema: schema('who', 'object'),
    downConversion: '{"names": who.names}',
  }),
];
const sealer = new Sealer(Buffer.alloc(32, 2));
const converter = new Converter();
let conversions = 0;
const counting = {
  convert: (...given: Parameters<Converter['convert']>) => {
    conversions++;
    return converter.convert(...given);
  },
};
const deliveries = new Deliveries(
  new Versions(new CatalogView(catalogOf(...types)), counting),
  sealer,
);
afterAll(() => converter.close());

const subscribed = (version: number | null) =>
  endpoint({ subscriptions: [{ eventType: 'thing.happened', version, names: null }] });
const bodyOf = ({ body }: NewDelivery) => JSON.parse(body.toString()).payload;
const published = (over: EventOver = {}) =>
  incomingEvent({ version: 3, data: { who: { names: ['Ada', 'Grace'] } }, ...over });

test('TW-25 who subscribed to an older version gets that version’s payload; each is made once', async () => {
  conversions = 0;
  const endpoints = [1, 1, 2, 3, 1].map(subscribed);
  const made = await deliveries.of(published(), organization(), endpoints);
  expect(made.map((one) => [one.version, one.fault])).toEqual(
    [1, 1, 2, 3, 1].map((v) => [v, null]),
  );
  expect(bodyOf(made[0]!)).toMatchObject({ name: 'Ada' });
  expect(bodyOf(made[2]!)).toMatchObject({ names: ['Ada', 'Grace'] });
  expect(bodyOf(made[3]!)).toMatchObject({ who: { names: ['Ada', 'Grace'] } });
  expect(conversions).toBe(2);
});

test('a conversion that fails is told by the deliveries of that version, and by no others', async () => {
  const event = published({ data: { who: { names: [] } } });
  const made = await deliveries.of(event, organization(), [1, 2, 3].map(subscribed));
  expect(made.map(({ version, fault }) => [version, fault])).toEqual([
    [1, expect.stringMatching(/^CONVERSION_FAILED: from version 2 of thing.happened to 1: /)],
    [2, null],
    [3, null],
  ]);
});

test('what is published at an older version than is subscribed to is not lost without a word', async () => {
  const event = published({ version: 1, data: { name: 'Ada' } });
  const made = await deliveries.of(event, organization(), [subscribed(2)]);
  expect(made).toMatchObject([
    { version: 2, fault: expect.stringMatching(/^EVENT_VERSION_TOO_OLD/) },
  ]);
});

const url = 'https://One.example/cb?x=%41&y=1';
const calling = (over: EventOver = {}, callback: 'also' | 'instead' | 'none' = 'also') =>
  incomingEvent({ callbackUrl: url, eventType: { callback }, ...over });
const destinationsOf = (made: NewDelivery[]) =>
  made.map(({ destination, dialect }) =>
    'endpoint' in destination
      ? 'endpoint'
      : `${dialect} ${sealer.open(destination.callback.sealedUrl, callbackUrlOwner(destination.callback.hash)).toString()}`,
  );
const account = { url: 'https://account.example/', dialect: 'trustid' as const };

test.each([
  ['TG-20 beside the endpoints', calling({}, 'also'), null, [`casewire ${url}`, 'endpoint']],
  ['TG-23 instead of them', calling({}, 'instead'), null, [`casewire ${url}`]],
  ['only where its type calls back', calling({}, 'none'), null, ['endpoint']],
  [
    'TI-10 and not to the account’s, in whose dialect it is',
    calling({ type: 'case.completed' }),
    account,
    [`trustid ${url}`, 'endpoint'],
  ],
  [
    'TI-9 and without one to the account’s',
    calling({ type: 'case.completed', callbackUrl: null }),
    account,
    ['trustid https://account.example/', 'endpoint'],
  ],
  ['where its dialect has words for it', calling({ type: 'case.odd' }), account, ['endpoint']],
  [
    'unless its type is turned off',
    calling({ type: 'case.submitted' }),
    { ...account, off: ['case.submitted'] },
    [],
  ],
])(
  'TI-2 TI-22 an event goes to its own URL, exactly as given, %s',
  async (_, event, set, expected) => {
    const callback = set && { url: set.url, dialect: set.dialect };
    const eventsOff = set && 'off' in set ? set.off : [];
    const made = await deliveries.of(event, organization({ callback, eventsOff }), [endpoint()]);
    expect(destinationsOf(made)).toEqual(expected);
  },
);
