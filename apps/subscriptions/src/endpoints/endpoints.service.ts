import { randomBytes, randomUUID } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import {
  endpointSecretOwner,
  type Audience,
  type ChangeEndpoint,
  type CreateEndpoint,
  type Endpoint,
  type EndpointView,
  type EndpointWithSecret,
  type Environment,
  type EventType,
  type Subscription,
} from '@casewire/contracts';
import { checkCallableUrl, fingerprint, notFound, pageOf, Refusal } from '@casewire/service';
import { encodeSecret } from '@casewire/webhooks';
import type { PoolClient } from 'pg';

import { holdOrganization } from '../organizations/organizations.service.ts';
import { endpoints, secrets, type Registry } from '../publication/registry.ts';
import { checkCount, subscriptionsTo } from './endpoint-rules.ts';

/** What is needed of the view on the catalog. */
export interface Catalog {
  entries(): Iterable<[string, EventType]>;
  catchUp(options: { timeoutMs: number }): Promise<bigint>;
}

export interface Owner {
  organizationId: string;
  environment: Environment;
}

const rotationOverlapMs = 24 * 60 * 60 * 1000;

export class EndpointsService {
  constructor(
    private readonly registry: Registry,
    private readonly catalog: Catalog,
    private readonly sealer: Sealer,
    private readonly now: () => Date,
  ) {}

  /** A new endpoint, with its secret: shown in this answer, and never again. */
  create(
    owner: Owner,
    command: CreateEndpoint,
    audience: Audience,
    request: { by: string; key: string | undefined },
  ): Promise<EndpointWithSecret> {
    const { organizationId, environment } = owner;
    const print = fingerprint(
      'POST endpoints',
      organizationId,
      environment,
      audience,
      JSON.stringify(command),
    );
    return this.registry.changeOnce(
      { owner: request.by, key: request.key, fingerprint: print },
      async (client) => {
        const organization = await holdOrganization(client, organizationId);
        checkCallableUrl('url', command.url, organization.egress);
        checkCount(await endpoints.count(client, organizationId));
        const endpoint = {
          id: randomUUID(),
          organizationId,
          environment,
          url: command.url,
          description: command.description,
          audience,
          dialect: command.dialect,
          subscriptions: await this.subscriptions(command.eventTypes, audience),
          filters: command.filters,
          headerNames: Object.keys(command.headers),
          retry: command.retry,
          onExhausted: command.onExhausted,
          ratePerSecond: command.ratePerSecond,
          maxInFlight: command.maxInFlight,
          enabled: true,
          createdAt: this.now().toISOString(),
        };
        const secret = randomBytes(32);
        const seal = (value: Uint8Array) =>
          this.sealer.seal(value, endpointSecretOwner(endpoint.id));
        await secrets.create(client, endpoint.id, {
          ownerId: endpoint.id,
          sealed: seal(secret),
          previous: null,
          token: seal(randomBytes(20)),
          headers: seal(Buffer.from(JSON.stringify(command.headers))),
        });
        await endpoints.create(client, endpoint.id, endpoint);
        return { ...endpoint, secret: encodeSecret(secret) };
      },
    );
  }

  async getAll(owner: Owner, limit: number, after: string | undefined) {
    const all = await endpoints.list(this.registry.pool, owner.organizationId, 100, after);
    const shown = all.filter(({ environment }) => environment === owner.environment);
    return pageOf(shown, limit, ({ id }) => id, view);
  }

  async get(owner: Owner, id: string): Promise<EndpointView> {
    return view(mine(await endpoints.get(this.registry.pool, id), owner));
  }

  change(owner: Owner, id: string, command: ChangeEndpoint): Promise<EndpointView> {
    return this.registry.change(async (client) => {
      const endpoint = view(await this.hold(client, owner, id));
      const organization = await holdOrganization(client, owner.organizationId);
      const { eventTypes, headers: _headers, ...changes } = command;
      if (changes.url !== undefined) checkCallableUrl('url', changes.url, organization.egress);
      const changed = {
        ...endpoint,
        ...changes,
        ...(eventTypes && { subscriptions: await this.resubscribed(endpoint, eventTypes) }),
      };
      await endpoints.replace(client, id, changed);
      return changed;
    });
  }

  async remove(owner: Owner, id: string): Promise<void> {
    await this.registry.change(async (client) => {
      await this.hold(client, owner, id);
      await endpoints.remove(client, id);
      await secrets.remove(client, id);
    });
  }

  /** A new secret; the one before goes on signing beside it for a day. */
  rotateSecret(owner: Owner, id: string): Promise<EndpointWithSecret> {
    return this.registry.change(async (client) => {
      const endpoint = view(await this.hold(client, owner, id));
      const current = (await secrets.hold(client, id))!;
      const secret = randomBytes(32);
      const until = new Date(this.now().getTime() + rotationOverlapMs).toISOString();
      await secrets.replace(client, id, {
        ...current,
        sealed: this.sealer.seal(secret, endpointSecretOwner(id)),
        previous: { sealed: current.sealed, until },
      });
      return { ...endpoint, secret: encodeSecret(secret) };
    });
  }

  private async hold(client: PoolClient, owner: Owner, id: string): Promise<Endpoint> {
    return mine(await endpoints.hold(client, id), owner);
  }

  /** What was subscribed to stays at its version; what is new comes at its latest. */
  private async resubscribed(
    endpoint: EndpointView,
    eventTypes: string[],
  ): Promise<Subscription[]> {
    const wanted = await this.subscriptions(eventTypes, endpoint.audience);
    return wanted.map(
      (one) => endpoint.subscriptions.find(({ eventType }) => eventType === one.eventType) ?? one,
    );
  }

  /** A type that is not known yet may be in the catalog's log already. */
  private async subscriptions(names: string[], audience: Audience): Promise<Subscription[]> {
    const known = () => Array.from(this.catalog.entries(), ([, type]) => type);
    try {
      return subscriptionsTo(names, known(), audience);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.catalog.catchUp({ timeoutMs: 2000 });
      return subscriptionsTo(names, known(), audience);
    }
  }
}

function mine(endpoint: Endpoint | undefined, owner: Owner): Endpoint {
  const belongs =
    endpoint?.organizationId === owner.organizationId && endpoint.environment === owner.environment;
  if (!endpoint || !belongs) throw notFound('endpoint');
  return endpoint;
}

const view = ({
  revision: _revision,
  deletedAt: _deletedAt,
  ...endpoint
}: Endpoint): EndpointView => endpoint;
