import { callbackSecretContext, ChangeOrganization, Topics } from '@casewire/contracts';
import { decodeSecret } from '@casewire/webhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventType } from '../../test/event-type.ts';
import {
  createRegistryEnvironment,
  type RegistryEnvironment,
} from '../../test/registry-environment.ts';

let environment: RegistryEnvironment;
beforeAll(async () => {
  environment = await createRegistryEnvironment([
    eventType('case.submitted', 1),
    eventType('case.completed', 1),
    eventType('case.erased', 1, { audience: 'internal' }),
    eventType('case.old', 1, { status: 'retired' }),
  ]);
});
afterAll(() => environment.database.drop());

const last = (topic: string, key: string) =>
  environment.published.findLast((record) => record.topic === topic && record.key === key)!.value;

test('TI-1 TI-9 an operator turns events off and sets the organization’s callback URL', async () => {
  const { organizationId } = await environment.organization();
  const changes = ChangeOrganization.parse({
    eventsOff: ['case.submitted'],
    callback: { url: 'https://one.example/callback?a=1' },
  });
  const changed = await environment.organizations.change(organizationId, changes);
  expect(changed).toMatchObject({
    name: 'Acme',
    eventsOff: ['case.submitted'],
    callback: { url: 'https://one.example/callback?a=1', dialect: 'casewire' },
  });
  expect(last(Topics.organizations, organizationId)).toMatchObject(changes);
  expect(await environment.organizations.get(organizationId)).toEqual(changed);
});

test('TI-4 the event of the result cannot be turned off', () => {
  const refused = ChangeOrganization.safeParse({ eventsOff: ['case.completed'] });
  expect(refused.error?.issues[0]).toMatchObject({ path: ['eventsOff'] });
});

test('TI-1 names of the catalog and of dialects can be turned off; other names are refused', async () => {
  const { organizationId } = await environment.organization();
  const eventsOff = ['case.submitted', 'ContainerSubmitted', 'case.erased', 'case.old'];
  await expect(
    environment.organizations.change(organizationId, { eventsOff }),
  ).resolves.toMatchObject({
    eventsOff,
  });
  const apiError = {
    status: 422,
    code: 'EVENT_TYPE_UNKNOWN',
    errors: [
      {
        field: 'eventsOff.1',
        rule: 'no.such.event is neither an event type of the catalog nor a name of a dialect',
      },
    ],
  };
  const wrong = { eventsOff: ['case.submitted', 'no.such.event'] };
  await expect(environment.organizations.change(organizationId, wrong)).rejects.toMatchObject(
    apiError,
  );
  await expect(environment.organization(wrong)).rejects.toMatchObject(apiError);
  // A change that does not contain eventsOff does not check the stored names again.
  await environment.organizations.change(organizationId, { name: 'Other' });
});

test('TI-4 the event of the result cannot be turned off by a dialect’s name', async () => {
  await expect(
    environment.organization({ eventsOff: ['ResultNotification'] }),
  ).rejects.toMatchObject({
    errors: [{ field: 'eventsOff.0', rule: 'ResultNotification is always on' }],
  });
});

test('TE-4 an operator sets the audiences of an organization', async () => {
  const partner = await environment.organization();
  expect(last(Topics.organizations, partner.organizationId).audiences).toEqual(['partner']);
  const team = await environment.organization({
    kind: 'team',
    team: { slug: 'screening', prefixes: ['screening.'] },
  });
  expect(last(Topics.organizations, team.organizationId).audiences).toEqual([
    'internal',
    'partner',
  ]);
});

describe('automatic reviews', () => {
  test('are off by default; an operator turns them on and off', async () => {
    const { organizationId } = await environment.organization();
    expect(last(Topics.organizations, organizationId)).toMatchObject({ automaticReviews: false });
    for (const automaticReviews of [true, false]) {
      const changed = await environment.organizations.change(organizationId, { automaticReviews });
      expect(changed).toMatchObject({ name: 'Acme', automaticReviews });
      expect(last(Topics.organizations, organizationId)).toMatchObject({ automaticReviews });
      expect(await environment.organizations.get(organizationId)).toEqual(changed);
    }
  });

  test('can be on from the creation', async () => {
    const { organizationId } = await environment.organization({ automaticReviews: true });
    expect(last(Topics.organizations, organizationId)).toMatchObject({ automaticReviews: true });
  });

  test('are off for an organization that was stored without the setting', async () => {
    const { organizationId } = await environment.organization();
    await environment.database.pool.query(
      `update reference_record set record = record - 'automaticReviews' where id = $1`,
      [organizationId],
    );
    expect(await environment.organizations.get(organizationId)).toMatchObject({
      automaticReviews: false,
    });
    await environment.organizations.change(organizationId, { name: 'Other' });
    expect(last(Topics.organizations, organizationId)).toMatchObject({ automaticReviews: false });
  });

  test('must be true or false', () => {
    const refused = ChangeOrganization.safeParse({ automaticReviews: 'yes' });
    expect(refused.error?.issues[0]).toMatchObject({ path: ['automaticReviews'] });
  });
});

test('a callback URL is checked against the egress policy', async () => {
  const { organizationId } = await environment.organization();
  await expect(
    environment.organizations.change(organizationId, {
      callback: { url: 'http://one.example/', dialect: 'casewire' },
    }),
  ).rejects.toMatchObject({ errors: [{ field: 'callback.url', rule: 'must be https' }] });
});

test('an organization has one secret for callback URLs, which a rotation shows', async () => {
  const { organizationId } = await environment.organization();
  const before = last(Topics.secrets, organizationId);
  const { secret } = await environment.organizations.rotateCallbackSecret(
    organizationId,
    'a',
    'key',
  );
  const again = await environment.organizations.rotateCallbackSecret(organizationId, 'a', 'key');
  expect(again).toEqual({ secret });
  const after = last(Topics.secrets, organizationId);
  const opened = environment.sealer.open(
    String(after.sealed),
    callbackSecretContext(organizationId),
  );
  expect(decodeSecret(secret)).toEqual(opened);
  expect(after.previous).toMatchObject({ sealed: before.sealed });
});

test('two teams cannot have the same topic, even if they are created concurrently', async () => {
  const teams = await Promise.allSettled(
    ['a.', 'b.', 'c.'].map((prefix) =>
      environment.organization({ kind: 'team', team: { slug: 'shared', prefixes: [prefix] } }),
    ),
  );
  expect(teams.map(({ status }) => status).toSorted()).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
  ]);
});
