import { OperatorClient, PartnerClient, type SubmittedFile } from '@casewire/client';
import { generate, zipOf } from '@casewire/samples';
import { WebhookReceiver } from '@casewire/testing';

import { createCases, type FuzzedCases } from './fuzzed-cases.ts';
import { createOrders, type FuzzedOrders } from './fuzzed-orders.ts';
import { FuzzedPlatform } from './fuzzed-platform.ts';
import { operationExamples } from './operation-examples.ts';
import { orderExamples } from './order-examples.ts';
import type { Target } from './sockets/base-requests.ts';

/** A running platform, and a receiver of its deliveries. */
export interface FuzzEnvironment {
  platform: FuzzedPlatform;
  target: Target;
  /** Cases of the organization of the target, in every state, and new ones of the same kinds. */
  cases: FuzzedCases;
  newCases(): Promise<FuzzedCases>;
  /** Orders of the organization, in every state, and new ones of the same kinds. */
  orders: FuzzedOrders;
  newOrders(): Promise<FuzzedOrders>;
  /** A small document. */
  file: SubmittedFile;
  organizationId: string;
  /** The key of a team, which may register event types. */
  teamKey: string;
  stop(): Promise<void>;
}

const patienceMs = 90_000;

export async function startFuzzEnvironment(): Promise<FuzzEnvironment> {
  const receiver = await new WebhookReceiver().start();
  const platform = await FuzzedPlatform.start().catch(async (error: unknown) => {
    await receiver.stop();
    throw error;
  });
  const stop = async () => {
    await platform.stop();
    await receiver.stop();
  };
  try {
    const document = await generate('invoice', { seed: 1 });
    const file = { name: document.fileName, bytes: document.bytes };
    const { organizationId, key, teamKey } = await organizations(platform);
    await completeOneCase(platform, key, receiver, file);
    const newCases = () => createCases(platform.url, key, file);
    const cases = await newCases();
    let round = 0;
    const newOrders = () => createOrders(platform.url, key, file, `fuzz-${round++}`);
    const orders = await newOrders();
    const target: Target = {
      port: Number(new URL(platform.url).port),
      key,
      receiver: new URL(receiver.url('/')).host,
      document: Buffer.from(document.bytes),
      examples: [...operationExamples(cases), ...orderExamples(orders)],
    };
    return {
      platform,
      target,
      cases,
      newCases,
      orders,
      newOrders,
      file,
      organizationId,
      teamKey,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Creates a partner and a team whose endpoints may be on this machine, with their keys. */
async function organizations({ url, operatorKey }: FuzzedPlatform) {
  const operator = new OperatorClient(url, operatorKey);
  const egress = { allow: ['127.0.0.0/8'], plainHttp: true };
  const partner = await operator.createOrganization({ name: 'Partner', egress });
  const team = await operator.createOrganization({
    name: 'Team',
    kind: 'team',
    team: { slug: 'fuzz', prefixes: ['fuzz.'] },
    egress,
  });
  const environment = 'sandbox';
  const { key } = await operator.createApiKey(partner.id, { environment });
  const { key: teamKey } = await operator.createApiKey(team.id, { environment });
  return { organizationId: partner.id, key, teamKey };
}

/** Opens what a service keeps open, such as readers of documents and archives, before resources are counted. */
async function completeOneCase(
  { url }: FuzzedPlatform,
  key: string,
  receiver: WebhookReceiver,
  file: SubmittedFile,
): Promise<void> {
  const client = new PartnerClient(url, key);
  const { id } = await client.createEndpoint({ url: receiver.url('/hook') });
  const archive = zipOf([{ name: file.name, content: file.bytes }]);
  await client.submit({ files: [file, { name: 'documents.zip', bytes: archive }] });
  await receiver.until(
    (requests) => requests.some(({ body }) => body.includes('"case.completed"')),
    patienceMs,
  );
  // Hundreds of requests will have documents that cannot be read; their events are not to be delivered.
  await client.deleteEndpoint(id);
}
