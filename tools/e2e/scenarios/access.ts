import { ApiError, OperatorClient, PartnerClient } from '@casewire/client';
import { expect, test } from 'vitest';

import {
  document,
  namesOf,
  untilCompleted,
  type RunningPlatform,
  type TestPlatform,
} from '../test-platform.ts';

/** The operations that partners and operators may call over REST, and what they see. */
export function accessScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('TE-3 TE-4 TE-5 TE-6 an operator provisions URL and audience; an internal event never reaches a partner', async () => {
    const partner = await platform().partner({ audiences: ['partner', 'internal'] });
    const forPartner = await partner.listen();
    const receiver = await platform().receiver();
    const endpoint = await platform().operator.provisionEndpoint(partner.organizationId, {
      url: receiver.url('/internal'),
      environment: 'sandbox',
      audience: 'internal',
    });
    expect(endpoint.audience).toBe('internal');
    const view = await partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
    });
    await untilCompleted(forPartner, view);
    await partner.client.deleteCase(view.id);
    await receiver.until((requests) => requests.length > 0);
    expect(namesOf(receiver.requests)).toEqual(['case.erased']);
    expect(namesOf(forPartner.receiver.requests)).not.toContain('case.erased');
  });

  test('TE-L4 cases are listed, read and deleted; the key is accepted in either header', async () => {
    const partner = await platform().partner();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { id } = await partner.client.submit({
        files: [await document('invoice')],
        features: ['extraction'],
      });
      ids.push(id);
    }
    const first = await partner.client.cases({ limit: 2 });
    const second = await partner.client.cases({ limit: 2, cursor: first.next! });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toReversed());
    expect(second.next).toBeNull();
    await expect(partner.client.cases({ limit: 101 })).rejects.toMatchObject({
      problem: { errors: [{ field: 'limit' }] },
    });
    const byHeader = await fetch(`${platform().url}/partner/v1/cases/${ids[0]}`, {
      headers: { 'x-api-key': partner.key },
    });
    expect(byHeader.status).toBe(200);
    await partner.client.deleteCase(ids[0]!);
    await expect(partner.client.case(ids[0]!)).rejects.toMatchObject({ status: 404 });
    expect((await partner.client.cases()).items.map(({ id }) => id)).not.toContain(ids[0]);
  });

  test('an API key works at once, and a revoked one stops working soon', async () => {
    const organization = await platform().operator.createOrganization({ name: 'New' });
    for (let i = 0; i < 10; i++) {
      const { key } = await platform().operator.createApiKey(organization.id, {
        environment: 'production',
      });
      await expect(new PartnerClient(platform().url, key).cases()).resolves.toEqual({
        items: [],
        next: null,
      });
    }
    const { key, id } = await platform().operator.createApiKey(organization.id, {
      environment: 'sandbox',
    });
    const client = new PartnerClient(platform().url, key);
    await client.cases();
    await platform().operator.revokeApiKey(organization.id, id);
    await expect
      .poll(() => client.cases().catch((error: ApiError) => error.status), { timeout: 5000 })
      .toBe(401);
  });

  test('an operator key is no partner key, and a partner key no operator key', async () => {
    const partner = await platform().partner();
    await expect(
      new OperatorClient(platform().url, partner.key).createOrganization({ name: 'x' }),
    ).rejects.toMatchObject({ status: 401 });
    await expect(
      new PartnerClient(platform().url, platform().operatorKey).cases(),
    ).rejects.toMatchObject({ status: 401 });
  });
}
