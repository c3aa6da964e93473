import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CatalogEnvironment, type Member } from '../../test/catalog-environment.ts';
import { fresh, next, apiError, type } from '../../test/registrations.ts';

let environment: CatalogEnvironment;
let team: Member;
beforeAll(async () => {
  environment = await CatalogEnvironment.start();
  team = await environment.team('ledger', ['ledger.']);
});
afterAll(() => environment.stop());

describe('permissions', () => {
  test('only a team with the scope catalog:write can register a type', async () => {
    const partner = await environment.member();
    expect(await apiError(partner.client.register(type('ledger.x')))).toMatchObject({
      status: 403,
      code: 'NOT_A_TEAM',
    });
    const reader = await environment.team('readers', ['readers.'], ['endpoints:read']);
    expect(await apiError(reader.client.register(type('readers.x')))).toMatchObject({
      status: 403,
      code: 'SCOPE_MISSING',
    });
    const stranger = await fetch(`${environment.url}/catalog/v1/event-types`);
    expect(stranger.status).toBe(401);
  });

  test.each(['casewire', 'registry'])('no team can have the topic events.%s', async (slug) => {
    const impostor = await environment.team(slug, ['impostor.']);
    expect(await apiError(impostor.client.register(type('impostor.x')))).toMatchObject({
      status: 403,
      code: 'TEAM_RESERVED',
    });
  });

  test('types of another team and of Casewire are not found by a request that changes them', async () => {
    const name = fresh();
    await team.client.register(type(name));
    const other = await environment.team('others', ['ledger.', 'case.']);
    for (const foreign of [name, 'case.submitted', 'ledger.nothing']) {
      for (const work of [
        () => other.client.createVersion(foreign, next),
        () => other.client.change(foreign, 1, { trigger: 'mine now' }),
        () => other.client.changeStatus(foreign, 1, 'deprecated'),
      ])
        expect(await apiError(work())).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    expect(await apiError(other.client.register(type(name)))).toMatchObject({
      status: 409,
      code: 'EVENT_TYPE_EXISTS',
    });
  });

  test('TE-6 internal types are shown to teams and not found by partners', async () => {
    const name = fresh();
    await team.client.register(type(name, { audience: 'internal' }));
    const partner = await environment.member();
    const names = async (member: Member, query = {}) =>
      (await member.client.eventTypes(query)).items.map((one) => one.name);
    expect(await names(team)).toEqual(expect.arrayContaining([name, 'case.erased']));
    expect(await names(team, { audience: 'internal' })).toEqual(
      expect.arrayContaining([name, 'case.erased']),
    );
    const seen = await names(partner);
    expect(seen).toContain('case.submitted');
    expect(seen).not.toContain(name);
    expect(seen).not.toContain('case.erased');
    expect(await names(partner, { audience: 'internal' })).toEqual([]);
    for (const work of [
      () => partner.client.eventType(name, 1),
      () => partner.client.versions(name),
      () => partner.client.schemas(name, 1),
      () => partner.client.diff(name, 1, 1),
    ])
      expect(await apiError(work())).toMatchObject({ status: 404 });
  });

  test('a type with addressees is shown to them only, and the list of addressees to its owner only', async () => {
    const [chosen, other] = [await environment.member(), await environment.member()];
    const name = fresh();
    await team.client.register(type(name, { addressees: [chosen.organizationId] }));
    expect(await chosen.client.eventType(name, 1)).not.toHaveProperty('addressees');
    expect(await team.client.eventType(name, 1)).toMatchObject({
      addressees: [chosen.organizationId],
    });
    expect(await apiError(other.client.eventType(name, 1))).toMatchObject({ status: 404 });
    const seen = (await other.client.eventTypes()).items;
    expect(seen.map((one) => one.name)).not.toContain(name);
  });
});
