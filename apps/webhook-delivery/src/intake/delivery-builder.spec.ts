import { Sealer } from '@casewire/auth';
import type { DialectName } from '@casewire/contracts';
import { Converter } from '@casewire/event-schemas';
import { afterAll, expect, test } from 'vitest';

import {
  catalogOf,
  endpoint,
  eventType,
  incomingEvent,
  organization,
  type EventOver,
} from '../../test/events.ts';
import { callbackUrlSealContext } from '../model/callback-destination.ts';
import type { NewDelivery } from '../model/lane-store.ts';
import { CatalogView } from '../registry/catalog-view.ts';
import { DeliveryBuilder } from './delivery-builder.ts';
import { VersionConverter } from './version-converter.ts';

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
const deliveries = new DeliveryBuilder(
  new VersionConverter(new CatalogView(catalogOf(...types)), counting),
  sealer,
);
afterAll(() => converter.close());

const subscribed = (version: number | null) =>
  endpoint({ subscriptions: [{ eventType: 'thing.happened', version, names: null }] });
const bodyOf = ({ body }: NewDelivery) => JSON.parse(body.toString()).payload;
const published = (over: EventOver = {}) =>
  incomingEvent({ version: 3, data: { who: { names: ['Ada', 'Grace'] } }, ...over });

test('TW-25 an endpoint that subscribed to an older version gets the payload of that version, and each version is converted once', async () => {
  conversions = 0;
  const endpoints = [1, 1, 2, 3, 1].map(subscribed);
  const built = await deliveries.build(published(), organization(), endpoints);
  expect(built.map((one) => [one.version, one.fault])).toEqual(
    [1, 1, 2, 3, 1].map((v) => [v, null]),
  );
  expect(bodyOf(built[0]!)).toMatchObject({ name: 'Ada' });
  expect(bodyOf(built[2]!)).toMatchObject({ names: ['Ada', 'Grace'] });
  expect(bodyOf(built[3]!)).toMatchObject({ who: { names: ['Ada', 'Grace'] } });
  expect(conversions).toBe(2);
});

test('only the deliveries of a version whose conversion failed have a fault', async () => {
  const event = published({ data: { who: { names: [] } } });
  const built = await deliveries.build(event, organization(), [1, 2, 3].map(subscribed));
  expect(built.map(({ version, fault }) => [version, fault])).toEqual([
    [1, expect.stringMatching(/^CONVERSION_FAILED: from version 2 of thing.happened to 1: /)],
    [2, null],
    [3, null],
  ]);
});

test('an event in an older version than the subscription has a delivery with a fault', async () => {
  const event = published({ version: 1, data: { name: 'Ada' } });
  const built = await deliveries.build(event, organization(), [subscribed(2)]);
  expect(built).toMatchObject([
    { version: 2, fault: expect.stringMatching(/^EVENT_VERSION_TOO_OLD/) },
  ]);
});

const url = 'https://One.example/cb?x=%41&y=1';
const calling = (over: EventOver = {}, callback: 'also' | 'instead' | 'none' = 'also') =>
  incomingEvent({ callbackUrl: url, eventType: { callback }, ...over });
const destinationsOf = (built: NewDelivery[]) =>
  built.map(({ destination, dialect }) =>
    'endpoint' in destination
      ? 'endpoint'
      : `${dialect} ${sealer.open(destination.callback.sealedUrl, callbackUrlSealContext(destination.callback.hash)).toString()}`,
  );
const organizationCallback = { url: 'https://account.example/', dialect: 'trustid' as const };

test.each([
  [
    'TG-20 in addition to the endpoints',
    calling({}, 'also'),
    null,
    [`casewire ${url}`, 'endpoint'],
  ],
  ['TG-23 instead of the endpoints', calling({}, 'instead'), null, [`casewire ${url}`]],
  ['only if its type has callbacks', calling({}, 'none'), null, ['endpoint']],
  [
    'TI-10 not to the organization’s URL, but in the dialect of that one',
    calling({ type: 'case.completed' }),
    organizationCallback,
    [`trustid ${url}`, 'endpoint'],
  ],
  [
    'TI-9 or to the organization’s URL if it has none',
    calling({ type: 'case.completed', callbackUrl: null }),
    organizationCallback,
    ['trustid https://account.example/', 'endpoint'],
  ],
  [
    'if the dialect has a name for it',
    calling({ type: 'case.odd' }),
    organizationCallback,
    ['endpoint'],
  ],
  [
    'unless its type is turned off',
    calling({ type: 'case.submitted' }),
    { ...organizationCallback, off: ['case.submitted'] },
    [],
  ],
])(
  'TI-2 TI-22 an event goes to its own URL, exactly as given: %s',
  async (_, event, set, expected) => {
    const callback = set && { url: set.url, dialect: set.dialect };
    const eventsOff = set && 'off' in set ? set.off : [];
    const built = await deliveries.build(event, organization({ callback, eventsOff }), [
      endpoint(),
    ]);
    expect(destinationsOf(built)).toEqual(expected);
  },
);

const session: EventOver = {
  type: 'session.completed',
  eventType: { owner: 'sessions', callback: 'also' },
};
const workflow: EventOver = {
  type: 'workflow.action.webhook',
  eventType: { owner: 'workflows', callback: 'instead' },
  data: {
    workflow_execution_id: '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10',
    applicant: { id: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69', status: 'approved', risk_level: null },
  },
};
const inTruv = { url: 'https://account.example/', dialect: 'truv' as const };

test.each<[string, EventOver, { url: string; dialect: DialectName } | null, string]>([
  ['TG-20 of an event of a session: the publisher’s', session, null, 'trustgate'],
  ['TG-23 of an event of a workflow: the publisher’s', workflow, null, 'trustgate'],
  [
    'of a vendor’s type that a team owns: the vendor’s',
    { ...session, eventType: { owner: 'a0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10', callback: 'also' } },
    null,
    'trustgate',
  ],
  [
    'of a type that only a team has: casewire',
    { type: 'ledger.booked', eventType: { owner: 'ledger', callback: 'also' } },
    null,
    'casewire',
  ],
  [
    'of a type of Casewire: casewire, even if a vendor has a name for it',
    { type: 'case.submitted', eventType: { callback: 'also' } },
    null,
    'casewire',
  ],
  [
    'the organization’s before the publisher’s',
    session,
    { url: 'https://account.example/', dialect: 'cloudevents' },
    'cloudevents',
  ],
  ['the publisher’s if the organization’s has no name for it', workflow, inTruv, 'trustgate'],
  [
    'the event’s before all others',
    { ...session, callbackDialect: 'casewire' },
    { url: 'https://account.example/', dialect: 'cloudevents' },
    'casewire',
  ],
])('the dialect for the URL of an event: %s', async (_, over, callback, dialect) => {
  const event = incomingEvent({ callbackUrl: url, ...over });
  const built = await deliveries.build(event, organization({ callback }), []);
  expect(destinationsOf(built)).toEqual([`${dialect} ${url}`]);
});

test('TG-23 TG-24 a workflow’s URL gets TrustGate’s own body', async () => {
  const event = incomingEvent({ callbackUrl: url, ...workflow });
  const [built] = await deliveries.build(event, organization(), [endpoint()]);
  expect(JSON.parse(built!.body.toString())).toEqual({
    event: 'workflow.action.webhook',
    timestamp: event.occurredAt,
    tenant_id: event.organizationId,
    ...workflow.data,
  });
  expect(built!.headers).toMatchObject({ 'user-agent': 'TrustGate-Webhook/1.0' });
});

test('the dialect of an event does not apply to the organization’s URL', async () => {
  const event = calling({ type: 'case.completed', callbackUrl: null, callbackDialect: 'casewire' });
  const built = await deliveries.build(event, organization({ callback: organizationCallback }), []);
  expect(destinationsOf(built)).toEqual(['trustid https://account.example/']);
});

test('TI-1 a name that is turned off applies to the dialect that has it, and to no other', async () => {
  const event = incomingEvent({
    type: 'document.assessed',
    eventType: { callback: 'none' },
    data: { verdict: 'rejected' },
  });
  const endpoints = (['trustgate', 'casewire'] as const).map((dialect) => endpoint({ dialect }));
  const dialectsOf = async (eventsOff: string[]) =>
    (await deliveries.build(event, organization({ eventsOff }), endpoints)).map(
      ({ dialect }) => dialect,
    );
  expect(await dialectsOf(['document.rejected'])).toEqual(['casewire']);
  expect(await dialectsOf(['document.verified'])).toEqual(['trustgate', 'casewire']);
  expect(await dialectsOf(['document.assessed'])).toEqual([]);
  const submitted = calling({ type: 'case.submitted' });
  const callback = { ...organizationCallback, dialect: 'trustid' as const };
  const built = await deliveries.build(
    submitted,
    organization({ callback, eventsOff: ['ContainerSubmitted'] }),
    [endpoint()],
  );
  expect(destinationsOf(built)).toEqual(['endpoint']);
});
