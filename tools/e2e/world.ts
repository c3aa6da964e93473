import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient, PartnerClient, type SubmittedFile } from '@casewire/client';
import type {
  Audience,
  CaseView,
  CreateEndpoint,
  EndpointWithSecret,
  Environment,
  Feature,
} from '@casewire/contracts';
import { generate, type SampleKind } from '@casewire/samples';
import { startPlatform, type Platform, type PlatformOptions } from '@casewire/standalone';
import { WebhookReceiver, type ReceivedRequest } from '@casewire/testing';
import { expect, inject } from 'vitest';
import type { z } from 'zod';

export interface Listener {
  /** Whose endpoint it is. */
  client: PartnerClient;
  receiver: WebhookReceiver;
  endpoint: EndpointWithSecret;
}

export interface Partner extends Record<'organizationId' | 'key', string> {
  client: PartnerClient;
  /** A receiver of its own, registered as an endpoint. */
  listen(endpoint?: Partial<z.input<typeof CreateEndpoint>>): Promise<Listener>;
}

/** What a story needs of a platform, in one process or in many. */
export type RunningPlatform = Pick<Platform, 'url' | 'operatorKey' | 'brokers' | 'stop'>;

/** A whole platform, with real receivers and partners that speak to it over REST. */
export class World<P extends RunningPlatform = Platform> {
  private readonly receivers: WebhookReceiver[] = [];
  readonly operator: OperatorClient;

  constructor(
    readonly platform: P,
    /** The platform's data folder. */
    readonly folder: string,
  ) {
    this.operator = new OperatorClient(platform.url, platform.operatorKey);
  }

  static async start(options: Partial<PlatformOptions> = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'casewire-world-'));
    const prefix = `w${randomUUID().slice(0, 8)}_`;
    const platform = await startPlatform({
      directory: folder,
      postgres: { url: inject('postgresUrl'), prefix },
      ...options,
      env: { LOG_LEVEL: 'error', RETRY_TIME_FACTOR: '0.0005', OCR_WORKERS: '1', ...options.env },
    });
    return new World(platform, folder);
  }

  async partner(
    options: {
      features?: Feature[];
      environment?: Environment;
      audiences?: Audience[];
    } = {},
  ): Promise<Partner> {
    const organization = await this.operator.createOrganization({
      name: 'Acme',
      ...(options.features && { features: options.features }),
      ...(options.audiences && { audiences: options.audiences }),
      egress: { allow: ['127.0.0.0/8'], plainHttp: true },
    });
    const { key } = await this.operator.createApiKey(organization.id, {
      environment: options.environment ?? 'sandbox',
    });
    const client = new PartnerClient(this.platform.url, key);
    return {
      organizationId: organization.id,
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
    // Receivers first: whoever hangs would be waited for.
    await Promise.all(this.receivers.map((receiver) => receiver.stop()));
    await this.platform.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let seed = 1000;
/** A generated document, another one each time. */
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

/** Resolves when the receiver got the event that the case is completed, and nothing is on its way to it any more. */
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
  // No order is promised between features: what the stages told may come behind it.
  const pending = () => client.deliveries({ endpointId: endpoint.id, state: 'pending', limit: 1 });
  await expect.poll(async () => (await pending()).items, { timeout: 20_000 }).toEqual([]);
}

/** Resolves when this many different events have come. */
export const untilEvents = ({ receiver }: Listener, count: number): Promise<void> =>
  receiver.until(
    (requests) => new Set(requests.map(({ headers }) => headers['webhook-id'])).size >= count,
  );
