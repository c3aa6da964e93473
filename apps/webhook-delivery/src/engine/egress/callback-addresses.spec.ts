import { randomBytes } from 'node:crypto';

import { Sealer } from '@casewire/auth';
import { callbackSecretContext, type Organization } from '@casewire/contracts';
import { egressFault, type EgressPolicy } from '@casewire/egress';
import { impossibleHosts, refusedHosts } from '@casewire/egress/testing';
import { Converter } from '@casewire/event-schemas';
import { buildConnector } from 'undici';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

import {
  EgressEnvironment,
  loopback,
  nothing,
  post,
  to,
} from '../../../test/egress-environment.ts';
import {
  catalogOf,
  eventType,
  incomingEvent,
  organization,
  organizationId,
} from '../../../test/events.ts';
import { claimedHead, KeptLog } from '../../../test/scripted-store.ts';
import { DeliveryBuilder } from '../../intake/delivery-builder.ts';
import { parseEvent } from '../../intake/parse-event.ts';
import { VersionConverter } from '../../intake/version-converter.ts';
import { EventRejected, type IncomingEvent } from '../../model/incoming-event.ts';
import { CatalogView } from '../../registry/catalog-view.ts';
import { Attempts } from '../dispatch/attempt.ts';
import { send } from '../dispatch/sender.ts';
import { Targets } from '../dispatch/targets.ts';
import { guardedAgent } from './guarded-agent.ts';
import { HttpAgents } from './http-agents.ts';

const sealer = new Sealer(randomBytes(32));
const converter = new Converter();
const type = eventType({ callback: 'also' });
const catalog = new CatalogView(catalogOf(type));
const deliveries = new DeliveryBuilder(new VersionConverter(catalog, converter), sealer);
// Names have no address: whoever asks for one is told so, and nobody asks the network.
const agents = new HttpAgents((policy) => guardedAgent(policy, to()));
const secret = {
  ownerId: organizationId,
  sealed: sealer.seal(Buffer.alloc(32, 1), callbackSecretContext(organizationId)),
  previous: null,
  token: null,
  headers: null,
  revision: 1,
  deletedAt: null,
};
const world = new EgressEnvironment();
afterEach(() => world.close());
afterAll(async () => {
  await agents.close();
  await converter.close();
});

/** What becomes of an event for an organization without endpoints, from its match to its attempt. */
async function attempts(event: IncomingEvent, addressee: Organization) {
  const made = await deliveries.build(event, addressee, []);
  const targets = new Targets(
    {
      endpoints: new Map(),
      organizations: new Map([[organizationId, addressee]]),
      secrets: new Map([[organizationId, secret]]),
    },
    sealer,
    agents,
    () => new Date(),
  );
  const attempt = new Attempts({
    targetOf: (head) => targets.of(head),
    policyOf: (head) => targets.policyOf(head),
    send,
    now: () => new Date(),
    monotonic: () => performance.now(),
    random: () => 0.5,
    timeFactor: 1,
    logger: new KeptLog(),
  });
  return Promise.all(
    made.map(({ destination, dialect, headers, body }) => {
      if ('endpoint' in destination) throw new Error('nobody has an endpoint here');
      const { callback } = destination;
      const head = claimedHead({
        endpointId: null,
        organizationId,
        callback,
        dialect,
        headers,
        body,
      });
      return attempt.make(head, performance.now() + 60_000);
    }),
  );
}

/** As a case's submission, and any team, may give it: the header of a record. */
function eventWithUrl(url: string): IncomingEvent {
  return parseEvent(
    {
      topic: type.sourceTopic,
      partition: 0,
      offset: 0n,
      key: 'case-1',
      value: Buffer.from('{"said":"hello"}'),
      headers: {
        ce_specversion: '1.0',
        ce_id: 'some-1',
        ce_source: '/somewhere',
        ce_type: type.name,
        ce_time: '2026-01-22T11:30:00Z',
        'content-type': 'application/json',
        ce_organization: organizationId,
        ce_environment: 'sandbox',
        ce_destination: url,
      },
      timestamp: new Date(0),
    },
    catalog,
  );
}

const mutable = ({ allow, plainHttp }: EgressPolicy) => ({ allow: [...allow], plainHttp });
const policies = [nothing, { allow: ['11.0.0.0/8', 'receiver.internal'], plainHttp: true }].map(
  mutable,
);

describe.each(['https', 'http'])('by a callback URL with %s', (scheme) => {
  test.each(refusedHosts)('nothing at %s is connected to', async (host) => {
    const { port, connections } = await world.http();
    const url = `${scheme}://${host}:${port}/`;
    const refused = {
      status: null,
      error: expect.stringMatching(/^(EGRESS_BLOCKED|ENOTFOUND): /) as string,
    };
    for (const egress of policies) {
      const ofAccount = organization({ egress, callback: { url, dialect: 'casewire' } });
      const account = await attempts(incomingEvent({ eventType: { callback: 'also' } }), ofAccount);
      expect(account).toMatchObject([refused]);
      const message = await attempts(eventWithUrl(url), organization({ egress }));
      expect(message).toMatchObject([refused]);
    }
    expect(connections).toEqual([]);
  });

  test.each(impossibleHosts)('a message with the URL of a host %j is no event', (host) => {
    expect(() => eventWithUrl(`${scheme}://${host}/`)).toThrow(EventRejected);
  });
});

test('what is allowed is reached by a callback URL, of the account and of a message', async () => {
  const { port, paths } = await world.http();
  const url = `http://127.0.0.1:${port}/called`;
  const ofAccount = organization({
    egress: mutable(loopback),
    callback: { url, dialect: 'casewire' },
  });
  expect(
    await attempts(incomingEvent({ eventType: { callback: 'also' } }), ofAccount),
  ).toMatchObject([{ status: 204 }]);
  expect(
    await attempts(eventWithUrl(url), organization({ egress: mutable(loopback) })),
  ).toMatchObject([{ status: 204 }]);
  expect(paths).toEqual(['/called', '/called']);
});

describe('what the registry refuses is what is never connected to, and nothing else', () => {
  const dialled = new Error('it would be connected to');
  const connector = (() => (_: unknown, callback: (error: Error, socket: null) => void) =>
    callback(dialled, null)) as unknown as typeof buildConnector;
  const allowed = ['8.8.8.8', '10.0.0.1', '[2606:4700::1111]', '[fd00::1]', '127.0.0.1'];
  const ports = ['', ':443', ':80', ':8443'];
  const urls = ['https', 'http'].flatMap((scheme) =>
    ports.flatMap((port) => allowed.map((host) => `${scheme}://${host}${port}/`)),
  );
  test.each([
    nothing,
    { allow: [], plainHttp: true },
    { allow: ['10.0.0.0/8'], plainHttp: false },
    { allow: ['10.0.0.1', 'fd00::/8'], plainHttp: true },
    { allow: ['0.0.0.0/0', '::/0'], plainHttp: true },
  ])('under %j', async (policy) => {
    const agent = world.agent(policy, to(), {}, connector);
    for (const url of urls) {
      const { error } = await post(url, agent);
      const refused = egressFault(new URL(url), policy) !== null;
      expect([url, error?.startsWith('EGRESS_BLOCKED')]).toEqual([url, refused]);
    }
  });
});
