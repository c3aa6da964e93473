import { setTimeout } from 'node:timers/promises';

import { OperatorClient, OrderClient, PartnerClient, ReviewClient } from '@casewire/client';
import type { Platform } from '@casewire/standalone';

import type { Facts } from './facts.ts';
import { People } from './people.ts';
import type { StoryReceiver } from './story-receiver.ts';
import type { Story } from './story.ts';

/** An organization with automatic reviews, its keys, an endpoint in the story's dialect, and callback URLs. */
export async function setUp(
  platform: Pick<Platform, 'url' | 'operatorKey'>,
  receiver: StoryReceiver,
  facts: Facts,
  { dialect, targets }: Pick<Story, 'dialect' | 'targets'>,
  { show, giveUp }: { show: (line: string) => void; giveUp: AbortSignal },
): Promise<People> {
  const { url, operatorKey } = platform;
  await receiver.start();
  const urls = receiver.urls();
  const operator = new OperatorClient(url, operatorKey);
  const organization = await operator.createOrganization({
    name: 'Acme Lettings',
    automaticReviews: true,
    // The dialect of the organization's callback URL is that of its cases' callback URLs, too.
    callback: targets.includes('case callback')
      ? { url: urls['organization callback'], dialect }
      : null,
    // The receiver is on this machine, which only an operator can allow.
    egress: { allow: ['127.0.0.0/8'], plainHttp: true },
  });
  const keyOf = async (name: string) =>
    (await operator.createApiKey(organization.id, { environment: 'sandbox', name })).key;
  const partner = new PartnerClient(url, await keyOf('Case system'));
  const reviewer = new ReviewClient(url, await keyOf('Rosa Lind'));
  const orderer = new OrderClient(url, await keyOf('Order system'));
  const { secret: callbackSecret } = await partner.rotateCallbackSecret();
  receiver.expect('case callback', { secret: callbackSecret, token: '' });
  receiver.expect('organization callback', { secret: callbackSecret, token: '' });
  const { id, secret } = await partner.createEndpoint({ url: urls.endpoint, dialect });
  const { token } = await partner.endpointToken(id);
  receiver.expect('endpoint', { secret, token });
  return new People(facts, partner, reviewer, orderer, urls, show, giveUp);
}

/**
 * Waits until every event of the story's cases is published, no task or refresh of its orders is under way, and no delivery is pending:
 * nothing more will arrive.
 */
export async function settle(
  { partner, orderer, facts }: People,
  giveUp: AbortSignal,
): Promise<void> {
  const isSettled = async () => {
    for (const id of facts.caseIds) {
      const { items } = await partner.events(id, { limit: 100 });
      if (items.some(({ published }) => !published)) return false;
    }
    for (const id of facts.orderIds) {
      const { verifications, refresh } = await orderer.order(id);
      const statuses = verifications.flatMap(({ tasks }) => tasks.map(({ status }) => status));
      if (refresh?.status === 'processing' || statuses.includes('processing')) return false;
    }
    return (await partner.deliveries({ state: 'pending', limit: 1 })).items.length === 0;
  };
  while (!giveUp.aborted && !(await isSettled())) await setTimeout(100);
}
