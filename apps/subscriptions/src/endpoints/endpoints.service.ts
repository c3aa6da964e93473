import { randomUUID } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import {
  endpointSecretOwner,
  maxEndpoints,
  type Audience,
  type ChangeEndpoint,
  type CreateEndpoint,
  type Endpoint,
  type EndpointToken,
  type EndpointView,
  type EndpointWithSecret,
  type Environment,
  type Subscription,
} from '@casewire/contracts';
import { checkCallableUrl, notFound, pageOf } from '@casewire/service';
import { dialects, encodeSecret } from '@casewire/webhooks';
import type { PoolClient } from 'pg';

import { findOrganization, holdOrganization } from '../organizations/organizations.service.ts';
import { endpoints, secrets, type Registry } from '../publication/registry.ts';
import type { Catalog } from './catalog.ts';
import { mine, requestOf, view, type Owner } from './endpoint-record.ts';
import { checkAudience, checkCount } from './endpoint-rules.ts';
import { newSecret, newToken, rotated } from './signing-secrets.ts';
import { subscriptionsTo } from './subscription-names.ts';

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
    by: string,
    key: string | undefined,
  ): Promise<EndpointWithSecret> {
    const { organizationId, environment } = owner;
    const request = requestOf('POST endpoints', owner, key, audience, JSON.stringify(command));
    return this.registry.changeOnce({ ...request, owner: by }, async (client) => {
      const organization = await holdOrganization(client, organizationId);
      checkAudience(audience, organization);
      checkCallableUrl('url', command.url, organization.egress);
      checkCount(await endpoints.count(client, organizationId));
      const { eventTypes, headers, ...settings } = command;
      const id = randomUUID();
      const endpoint = {
        id,
        organizationId,
        environment,
        audience,
        ...settings,
        subscriptions: await this.subscriptions(eventTypes, { audience, ...command }),
        headerNames: Object.keys(headers),
        enabled: true,
        createdAt: this.now().toISOString(),
      };
      const { secret, record } = newSecret(id, endpointSecretOwner(id), this.sealer);
      await secrets.create(client, id, {
        ...record,
        token: this.seal(id, newToken()),
        headers: this.seal(id, JSON.stringify(headers)),
      });
      await endpoints.create(client, id, endpoint);
      return { ...endpoint, secret: encodeSecret(secret) };
    });
  }

  async getAll(owner: Owner, limit: number, after: string | undefined) {
    const all = await endpoints.list(this.registry.pool, owner.organizationId, 100, after);
    const shown = all.filter(({ environment }) => environment === owner.environment);
    return pageOf(shown, limit, ({ id }) => id, view);
  }

  async get(owner: Owner, id: string): Promise<EndpointView> {
    return view(mine(await endpoints.get(this.registry.pool, id), owner));
  }

  /** The endpoints of an organization, in one environment or in both. */
  async getAllOf(
    organizationId: string,
    page: { environment: Environment | undefined; limit: number; after: string | undefined },
  ) {
    const { pool } = this.registry;
    await findOrganization(pool, organizationId);
    // An organization has few endpoints, so that all of them are read for a page of one environment.
    const all = await endpoints.list(pool, organizationId, maxEndpoints, page.after);
    const wanted = all.filter(
      ({ environment }) => page.environment === undefined || environment === page.environment,
    );
    return pageOf(wanted, page.limit, ({ id }) => id, view);
  }

  /** One endpoint of an organization, in whichever environment. */
  async getOf(organizationId: string, id: string): Promise<EndpointView> {
    const found = await endpoints.get(this.registry.pool, id);
    if (found?.organizationId !== organizationId) throw notFound('endpoint');
    return view(found);
  }

  /** The token that requests to the endpoint carry in dialects that have one. */
  async token(owner: Owner, id: string): Promise<EndpointToken> {
    await this.get(owner, id);
    const { token } = (await secrets.get(this.registry.pool, id))!;
    return {
      endpointId: id,
      token: this.sealer.open(token!, endpointSecretOwner(id)).toString(),
    };
  }

  change(owner: Owner, id: string, command: ChangeEndpoint): Promise<EndpointView> {
    return this.registry.change(async (client) => {
      const endpoint = view(await this.hold(client, owner, id));
      const organization = await holdOrganization(client, owner.organizationId);
      const { eventTypes, headers, ...settings } = command;
      if (settings.url !== undefined) checkCallableUrl('url', settings.url, organization.egress);
      const changed: EndpointView = {
        ...endpoint,
        ...settings,
        ...(eventTypes && { subscriptions: await this.resubscribed(endpoint, eventTypes) }),
        ...(headers && { headerNames: Object.keys(headers) }),
      };
      if (headers) {
        const {
          revision: _revision,
          deletedAt: _deletedAt,
          ...secret
        } = (await secrets.lock(client, id))!;
        const sealed = this.seal(id, JSON.stringify(headers));
        await secrets.replace(client, id, { ...secret, headers: sealed });
      }
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
  rotateSecret(owner: Owner, id: string, key: string | undefined): Promise<EndpointWithSecret> {
    return this.registry.changeOnce(requestOf('POST secret', owner, key, id), async (client) => {
      const endpoint = view(await this.hold(client, owner, id));
      const current = (await secrets.lock(client, id))!;
      const { secret, record } = rotated(current, endpointSecretOwner(id), this.sealer, this.now());
      await secrets.replace(client, id, record);
      return { ...endpoint, secret: encodeSecret(secret) };
    });
  }

  private async hold(client: PoolClient, owner: Owner, id: string): Promise<Endpoint> {
    return mine(await endpoints.lock(client, id), owner);
  }

  private seal(id: string, text: string): string {
    return this.sealer.seal(Buffer.from(text), endpointSecretOwner(id));
  }

  /** What was subscribed to stays at its version; what is new comes at its latest. */
  private async resubscribed(
    endpoint: EndpointView,
    eventTypes: string[],
  ): Promise<Subscription[]> {
    const wanted = await this.subscriptions(eventTypes, endpoint);
    const before = new Map(endpoint.subscriptions.map((one) => [one.eventType, one]));
    return wanted.map((one) => ({
      ...one,
      version: before.get(one.eventType)?.version ?? one.version,
    }));
  }

  private subscriptions(
    names: string[],
    { audience, dialect }: Pick<EndpointView, 'audience' | 'dialect'>,
  ): Promise<Subscription[]> {
    return this.catalog.ask(() =>
      subscriptionsTo(names, this.catalog.all(), audience, dialects[dialect]),
    );
  }
}
