import { randomUUID } from 'node:crypto';

import { Api, OrderClient, ReviewClient } from '@casewire/client';

import { document, type Partner, type TestPlatform } from './test-platform.ts';

export interface OwnedResources {
  /** The beginning of a path -> the id of the owner's resource there. */
  owned: Record<string, string>;
  /** Queries of lists that find the owner's resources. */
  filters: string[];
}

/** What a template of the owner says. */
export const ownTemplate = {
  title: 'Income',
  verifications: [
    {
      name: 'income',
      method: 'documents' as const,
      documentTypes: ['payslip' as const],
      approval: 'any' as const,
    },
  ],
};

/** Creates one resource of each kind that a path of an API names by its id. */
export async function ownedResources(
  platform: Pick<TestPlatform, 'url'>,
  owner: Partner,
): Promise<OwnedResources> {
  const listener = await owner.listen({ eventTypes: ['case.completed'] });
  const { id: caseId } = await owner.client.submit({
    files: [await document('invoice')],
    features: ['extraction'],
  });
  await listener.receiver.until((requests) => requests.length > 0);
  const review = await new ReviewClient(platform.url, owner.key).open(caseId, {
    reason: 'to be checked',
  });
  const [delivery] = (await owner.client.deliveries({})).items;
  const replay = await new Api(platform.url, owner.key).call<{ id: string }>(
    '/delivery/v1/replays',
    {
      method: 'POST',
      body: { kind: 'key', endpointId: listener.endpoint.id, key: caseId },
    },
  );
  const orders = new OrderClient(platform.url, owner.key);
  // Any text of a template's id is a UUID here, so that it is recognized in every response.
  const { id: templateId } = await orders.createTemplate({ id: randomUUID(), ...ownTemplate });
  const order = await orders.create({ templateId, user: { externalId: 'user-1' } });
  return {
    owned: {
      '/partner/v1/cases/': caseId,
      '/partner/v1/reviews/': review.id,
      '/orders/v1/orders/': order.id,
      '/orders/v1/verifications/': order.verifications[0]!.id,
      '/orders/v1/templates/': templateId,
      '/registry/v1/endpoints/': listener.endpoint.id,
      '/delivery/v1/endpoints/': listener.endpoint.id,
      '/delivery/v1/deliveries/': delivery!.id,
      '/delivery/v1/replays/': replay.id,
    },
    filters: [
      `?endpointId=${listener.endpoint.id}`,
      `?caseId=${caseId}`,
      `?userId=${order.userId}`,
      `?templateId=${templateId}`,
      `?number=${order.number}`,
    ],
  };
}
