import { PartnerClient } from '@casewire/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
});
afterAll(() => platform.stop());

const problemOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('it was taken'),
    (error: { problem: unknown }) => error.problem,
  );

test('TW-1 TW-17 TW-18, part of TW-16: a webhook has a URL, several event types and a description', async () => {
  const { client } = await platform.partner();
  const made = await client.createEndpoint({
    url: 'https://one.example/hook',
    eventTypes: ['case.completed', 'case.extraction.completed'],
    description: 'for the back office',
  });
  expect(await client.endpoint(made.id)).toMatchObject({
    url: 'https://one.example/hook',
    description: 'for the back office',
    subscriptions: [
      { eventType: 'case.completed', version: 1 },
      { eventType: 'case.extraction.completed', version: 1 },
    ],
  });
});

test('TW-19, part of TW-15: sandbox and production are separate, and ten is the limit of both', async () => {
  const { client, organizationId } = await platform.partner({ environment: 'sandbox' });
  const { key } = await platform.operator.createApiKey(organizationId, {
    environment: 'production',
  });
  const production = new PartnerClient(platform.url, key);
  const clients = [client, production];
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      clients[i % 2]!.createEndpoint({ url: `https://one.example/${i}` }),
    ),
  );
  await expect(production.endpoint(made[0]!.id)).rejects.toMatchObject({ status: 404 });
  expect(await problemOf(client.createEndpoint({ url: 'https://one.example/11' }))).toMatchObject({
    status: 409,
    code: 'TOO_MANY_ENDPOINTS',
  });
});

test('TW-22 TW-23 TW-24 it can be unsubscribed and deleted at any time; a new one at its URL has another token', async () => {
  const { client } = await platform.partner();
  const url = 'https://one.example/hook';
  const first = await client.createEndpoint({
    url,
    eventTypes: ['case.completed', 'case.submitted'],
  });
  const { token } = await client.endpointToken(first.id);
  await client.unsubscribe(first.id, 'case.submitted');
  expect((await client.subscriptions(first.id)).items).toEqual([
    { eventType: 'case.completed', version: 1, names: null, latest: 1 },
  ]);
  await client.deleteEndpoint(first.id);
  await expect(client.endpoint(first.id)).rejects.toMatchObject({ status: 404 });
  const second = await client.createEndpoint({ url });
  expect((await client.endpointToken(second.id)).token).not.toBe(token);
});

test('TG-10 TG-12 a dialect’s own names are subscribed to, reserved ones among them', async () => {
  const { client } = await platform.partner();
  const { subscriptions } = await client.createEndpoint({
    url: 'https://one.example/hook',
    dialect: 'trustid',
    eventTypes: ['ResultNotification', 'ContainerSubmitted'],
  });
  expect(subscriptions).toEqual([
    { eventType: 'case.completed', version: 1, names: ['ResultNotification'] },
    { eventType: 'case.submitted', version: 1, names: ['ContainerSubmitted'] },
  ]);
});

test('TE-3 TE-4 TI-1 TI-9 an operator provisions organizations and endpoints', async () => {
  const { organizationId } = await platform.partner();
  expect(
    await problemOf(
      platform.operator.provisionEndpoint(organizationId, {
        url: 'https://one.example/hook',
        environment: 'sandbox',
        audience: 'internal',
      }),
    ),
  ).toMatchObject({ code: 'AUDIENCE_NOT_PROVISIONED', errors: [{ field: 'audience' }] });
  const changed = await platform.operator.changeOrganization(organizationId, {
    audiences: ['partner', 'internal'],
    eventsOff: ['case.submitted'],
    callback: { url: 'https://one.example/callback', dialect: 'trustid' },
    notificationEmail: 'ops@one.example',
  });
  expect(changed).toMatchObject({ eventsOff: ['case.submitted'], kind: 'partner' });
  const { audience } = await platform.operator.provisionEndpoint(organizationId, {
    url: 'https://one.example/hook',
    environment: 'sandbox',
    audience: 'internal',
  });
  expect(audience).toBe('internal');
});

describe('a request that is refused with the field and its rule:', () => {
  const endpoint = { url: 'https://one.example/hook' };
  test.each<[string, object, string]>([
    ['an invalid URL', { url: 'nowhere' }, 'url'],
    ['another protocol', { url: 'ftp://one.example/' }, 'url'],
    ['credentials in the URL', { url: 'https://a:b@one.example/' }, 'url'],
    ['a fragment', { url: 'https://one.example/#x' }, 'url'],
    ['an unknown event type', { eventTypes: ['case.exploded'] }, 'eventTypes'],
    ['an event type twice', { eventTypes: ['case.completed', 'case.completed'] }, 'eventTypes'],
    [
      'an event type that the dialect does not have',
      { dialect: 'truenroll', eventTypes: ['case.submitted'] },
      'eventTypes',
    ],
    ['an unknown dialect', { dialect: 'klingon' }, 'dialect'],
    ['a header that Casewire sets', { headers: { 'Webhook-Id': 'x' } }, 'headers.Webhook-Id'],
    ['a header with a line break', { headers: { 'X-A': 'a\r\nb' } }, 'headers.X-A'],
    ['a header twice', { headers: { 'X-A': 'a', 'x-a': 'b' } }, 'headers'],
    ['no retry', { retry: { delaySeconds: [] } }, 'retry.delaySeconds'],
    ['a negative wait', { retry: { delaySeconds: [-1] } }, 'retry.delaySeconds.0'],
    [
      'a filter with an invalid path',
      { filters: [{ path: 'a..b', operator: 'eq', value: 1 }] },
      'filters.0.path',
    ],
    [
      'an unknown operator',
      { filters: [{ path: 'a', operator: 'like', value: 1 }] },
      'filters.0.operator',
    ],
    ['a rate of zero', { ratePerSecond: 0 }, 'ratePerSecond'],
    ['too many at once', { maxInFlight: 5000 }, 'maxInFlight'],
    ['an unknown value of onExhausted', { onExhausted: 'drop' }, 'onExhausted'],
    ['an unknown field', { colour: 'red' }, 'colour'],
    ['NUL in the description', { description: 'a\0b' }, 'description'],
  ])('an endpoint with %s', async (_, over, field) => {
    const { client } = await platform.partner();
    const problem = await problemOf(
      client.api.call('/registry/v1/endpoints', { method: 'POST', body: { ...endpoint, ...over } }),
    );
    expect(problem).toMatchObject({ errors: [{ field: expect.stringContaining(field) }] });
    expect(await client.api.call('/registry/v1/endpoints')).toEqual({ items: [], next: null });
  });

  test.each<[string, object, string]>([
    ['the result’s event off', { eventsOff: ['case.completed'] }, 'eventsOff'],
    ['a callback over plain HTTP', { callback: { url: 'http://one.example/' } }, 'callback.url'],
    ['no audience', { audiences: [] }, 'audiences'],
    ['an invalid e-mail address', { notificationEmail: 'somebody' }, 'notificationEmail'],
    ['another kind', { kind: 'team' }, 'kind'],
  ])('an organization changed to %s', async (_, changes, field) => {
    const { id } = await platform.operator.createOrganization({ name: 'Acme' });
    const problem = await problemOf(platform.operator.changeOrganization(id, changes));
    expect(problem).toMatchObject({ errors: [{ field: expect.stringContaining(field) }] });
  });

  test.each<[string, object, string]>([
    ['a team without a slug', { kind: 'team' }, 'team'],
    ['a partner with a slug', { team: { slug: 'a', prefixes: ['a.'] } }, 'team'],
    ['an invalid slug', { kind: 'team', team: { slug: 'A b', prefixes: ['a.'] } }, 'team.slug'],
    [
      'a prefix without its dot',
      { kind: 'team', team: { slug: 'a', prefixes: ['a'] } },
      'team.prefixes.0',
    ],
    [
      'a topic of Casewire’s own',
      { kind: 'team', team: { slug: 'casewire', prefixes: ['a.'] } },
      'team.slug',
    ],
  ])('%s', async (_, over, field) => {
    const problem = await problemOf(
      platform.operator.createOrganization({ name: 'Acme', ...over }),
    );
    expect(problem).toMatchObject({ errors: [{ field }] });
  });
});
