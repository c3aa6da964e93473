import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient, PartnerClient, type SubmittedFile } from '@casewire/client';
import type {
  CaseView,
  CreateEndpoint,
  CreateOrganization,
  EndpointWithSecret,
  Environment,
} from '@casewire/contracts';
import { generate, type SampleKind } from '@casewire/samples';
import { startPlatform, type Platform, type PlatformOptions } from '@casewire/standalone';
import { WebhookReceiver, type ReceivedRequest } from '@casewire/testing';
import { expect, inject } from 'vitest';
import type { z } from 'zod';

export interface Listener {
  /** The owner of the endpoint. */
  client: PartnerClient;
  receiver: WebhookReceiver;
  endpoint: EndpointWithSecret;
}

export interface Partner extends Record<'organizationId' | 'key', string> {
  client: PartnerClient;
  /** Starts a receiver, and registers it as an endpoint. */
  listen(endpoint?: Partial<z.input<typeof CreateEndpoint>>): Promise<Listener>;
}

/** The part of a platform that a scenario uses, whether its services run in one process or in many. */
export type RunningPlatform = Pick<Platform, 'url' | 'operatorKey' | 'brokers' | 'stop'>;

/** A complete platform, with real receivers, and with partners that call it over REST. */
export class TestPlatform<P extends RunningPlatform = Platform> {
  private readonly receivers: WebhookReceiver[] = [];
  readonly operator: OperatorClient;

  constructor(
    readonly services: P,
    /** The data folder of the platform. */
    readonly folder: string,
  ) {
    this.operator = new OperatorClient(services.url, services.operatorKey);
  }

  get url(): string {
    return this.services.url;
  }

  get operatorKey(): string {
    return this.services.operatorKey;
  }

  get brokers(): string {
    return this.services.brokers;
  }

  static async start(options: Partial<PlatformOptions> = {}): Promise<TestPlatform> {
    const folder = mkdtempSync(join(tmpdir(), 'casewire-platform-'));
    const prefix = `w${randomUUID().slice(0, 8)}_`;
    const services = await startPlatform({
      directory: folder,
      postgres: { url: inject('postgresUrl'), prefix },
      ...options,
      env: { LOG_LEVEL: 'error', RETRY_TIME_FACTOR: '0.0005', OCR_WORKERS: '1', ...options.env },
    });
    return new TestPlatform(services, folder);
  }

  async partner({
    environment = 'sandbox',
    ...organization
  }: Partial<z.input<typeof CreateOrganization>> & {
    environment?: Environment;
  } = {}): Promise<Partner> {
    const { id: organizationId } = await this.operator.createOrganization({
      name: 'Acme',
      egress: { allow: ['127.0.0.0/8'], plainHttp: true },
      ...organization,
    });
    const { key } = await this.operator.createApiKey(organizationId, { environment });
    const client = new PartnerClient(this.url, key);
    return {
      organizationId,
      key,
      client,
      listen: async (endpoint = {}) => {
        const receiver = await this.receiver();
        return {
          client,
          receiver,
          endpoint: await client.createEndpoint({ url: receiver.url('/hook'), ...endpoint }),
        };
      },
    };
  }

  async receiver(): Promise<WebhookReceiver> {
    const receiver = await new WebhookReceiver().start();
    this.receivers.push(receiver);
    return receiver;
  }

  async stop(): Promise<void> {
    // Receivers first: the platform waits for requests that a receiver leaves open.
    await Promise.all(this.receivers.map((receiver) => receiver.stop()));
    await this.services.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let seed = 1000;
/** A generated document; each call gives a different one. */
export async function document(kind: SampleKind): Promise<SubmittedFile> {
  const { fileName, bytes } = await generate(kind, { seed: seed++ });
  return { name: fileName, bytes };
}

export interface ReceivedEvent {
  eventName: string;
  payload: { caseId: string; externalId: string | null; occurredAt: string };
}

export const eventOf = ({ body }: ReceivedRequest): ReceivedEvent => JSON.parse(body.toString());
export const namesOf = (requests: readonly ReceivedRequest[]): string[] =>
  requests.map((request) => eventOf(request).eventName);
export const stageNamesOf = (requests: readonly ReceivedRequest[]): string[] =>
  namesOf(requests)
    .filter((name) => /^case\.(classification|extraction|forensics|translation)\./.test(name))
    .toSorted();

/** Resolves when the receiver has the event that the case is completed, and no delivery to it is pending. */
export async function untilCompleted(
  { client, receiver, endpoint }: Listener,
  view: Pick<CaseView, 'id'>,
): Promise<void> {
  await receiver.until((requests) =>
    requests.some((request) => {
      const { eventName, payload } = eventOf(request);
      return eventName === 'case.completed' && payload.caseId === view.id;
    }),
  );
  // Order between features is not guaranteed: events of stages may arrive after it.
  const pending = () => client.deliveries({ endpointId: endpoint.id, state: 'pending', limit: 1 });
  await expect.poll(async () => (await pending()).items, { timeout: 20_000 }).toEqual([]);
}

/** Resolves when this many different events have arrived. */
export const untilEvents = ({ receiver }: Listener, count: number): Promise<void> =>
  receiver.until(
    (requests) => new Set(requests.map(({ headers }) => headers['webhook-id'])).size >= count,
  );
