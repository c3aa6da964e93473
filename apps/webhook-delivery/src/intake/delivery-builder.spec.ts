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
      : `${dialect} ${sealer.open(destination.callback.sealedUrl, callbackUrlSealContext(destination.callback.hash)).toString()}`,
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
  ['TG-20 a session’s, the one it comes from', session, null, 'trustgate'],
  ['TG-23 a workflow’s, the one it comes from', workflow, null, 'trustgate'],
  [
    'a type that a team took over, the one that has it in its vocabulary',
    { ...session, eventType: { owner: 'a0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10', callback: 'also' } },
    null,
    'trustgate',
  ],
  [
    'a type of a team that no vendor has, casewire',
    { type: 'ledger.booked', eventType: { owner: 'ledger', callback: 'also' } },
    null,
    'casewire',
  ],
  [
    'a type of Casewire, casewire, whatever vendor has words for it',
    { type: 'case.submitted', eventType: { callback: 'also' } },
    null,
    'casewire',
  ],
  [
    'the account’s before the one it comes from',
    session,
    { url: 'https://account.example/', dialect: 'cloudevents' },
    'cloudevents',
  ],
  ['the one it comes from where the account’s has no words for it', workflow, inTruv, 'trustgate'],
  [
    'the message’s before all others',
    { ...session, callbackDialect: 'casewire' },
    { url: 'https://account.example/', dialect: 'cloudevents' },
    'casewire',
  ],
])('the URL of an event is spoken to in a dialect: %s', async (_, over, callback, dialect) => {
  const event = incomingEvent({ callbackUrl: url, ...over });
  const made = await deliveries.of(event, organization({ callback }), []);
  expect(destinationsOf(made)).toEqual([`${dialect} ${url}`]);
});

test('TG-23 TG-24 a workflow’s URL gets TrustGate’s own body', async () => {
  const event = incomingEvent({ callbackUrl: url, ...workflow });
  const [made] = await deliveries.of(event, organization(), [endpoint()]);
  expect(JSON.parse(made!.body.toString())).toEqual({
    event: 'workflow.action.webhook',
    timestamp: event.occurredAt,
    tenant_id: event.organizationId,
    ...workflow.data,
  });
  expect(made!.headers).toMatchObject({ 'user-agent': 'TrustGate-Webhook/1.0' });
});

test('the dialect of a message has no say over the account’s URL', async () => {
  const event = calling({ type: 'case.completed', callbackUrl: null, callbackDialect: 'casewire' });
  const made = await deliveries.of(event, organization({ callback: account }), []);
  expect(destinationsOf(made)).toEqual(['trustid https://account.example/']);
});

test('TI-1 a name of a dialect that is off is off where that dialect is spoken, and nowhere else', async () => {
  const event = incomingEvent({
    type: 'document.assessed',
    eventType: { callback: 'none' },
    data: { verdict: 'rejected' },
  });
  const endpoints = (['trustgate', 'casewire'] as const).map((dialect) => endpoint({ dialect }));
  const dialectsOf = async (eventsOff: string[]) =>
    (await deliveries.of(event, organization({ eventsOff }), endpoints)).map(
      ({ dialect }) => dialect,
    );
  expect(await dialectsOf(['document.rejected'])).toEqual(['casewire']);
  expect(await dialectsOf(['document.verified'])).toEqual(['trustgate', 'casewire']);
  expect(await dialectsOf(['document.assessed'])).toEqual([]);
  const submitted = calling({ type: 'case.submitted' });
  const callback = { ...account, dialect: 'trustid' as const };
  const made = await deliveries.of(
    submitted,
    organization({ callback, eventsOff: ['ContainerSubmitted'] }),
    [endpoint()],
  );
  expect(destinationsOf(made)).toEqual(['endpoint']);
});
