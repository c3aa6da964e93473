import { randomUUID } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import {
  endpointSecretContext,
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

import { findOrganization, lockOrganization } from '../organizations/organizations.service.ts';
import { endpoints, secrets, type Registry } from '../publication/registry.ts';
import type { Catalog } from './catalog.ts';
import { ofTenant, requestOf, view, type Tenant } from './endpoint-record.ts';
import { checkAudience, checkCount } from './endpoint-rules.ts';
import { newSecret, newToken, rotateSecret } from './signing-secrets.ts';
import { subscriptionsByName } from './subscription-names.ts';

export class EndpointsService {
  constructor(
    private readonly registry: Registry,
    private readonly catalog: Catalog,
    private readonly sealer: Sealer,
    private readonly now: () => Date,
  ) {}

  /**
   * Creates an endpoint. Only this response contains its secret.
   * @param by who makes the request: the scope of the Idempotency-Key
   */
  create(
    tenant: Tenant,
    command: CreateEndpoint,
    audience: Audience,
    by: string,
    key: string | undefined,
  ): Promise<EndpointWithSecret> {
    const { organizationId, environment } = tenant;
    const request = requestOf('POST endpoints', tenant, key, audience, JSON.stringify(command));
    return this.registry.changeOnce({ ...request, caller: by }, async (client) => {
      const organization = await lockOrganization(client, organizationId);
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
      const { secret, record } = newSecret(id, endpointSecretContext(id), this.sealer);
      await secrets.create(client, id, {
        ...record,
        token: this.seal(id, newToken()),
        headers: this.seal(id, JSON.stringify(headers)),
      });
      await endpoints.create(client, id, endpoint);
      return { ...endpoint, secret: encodeSecret(secret) };
    });
  }

  async getAll(tenant: Tenant, limit: number, after: string | undefined) {
    const all = await endpoints.list(this.registry.pool, tenant.organizationId, 100, after);
    const matching = all.filter(({ environment }) => environment === tenant.environment);
    return pageOf(matching, limit, ({ id }) => id, view);
  }

  async get(tenant: Tenant, id: string): Promise<EndpointView> {
    return view(ofTenant(await endpoints.get(this.registry.pool, id), tenant));
  }

  /** The endpoints of an organization, in one environment or in both. */
  async getAllOf(
    organizationId: string,
    page: { environment: Environment | undefined; limit: number; after: string | undefined },
  ) {
    const { pool } = this.registry;
    await findOrganization(pool, organizationId);
    // An organization has at most maxEndpoints endpoints, so one query reads all of them and the filter runs here.
    const all = await endpoints.list(pool, organizationId, maxEndpoints, page.after);
    const matching = all.filter(
      ({ environment }) => page.environment === undefined || environment === page.environment,
    );
    return pageOf(matching, page.limit, ({ id }) => id, view);
  }

  /** An endpoint of an organization in any environment. */
  async getOf(organizationId: string, id: string): Promise<EndpointView> {
    const found = await endpoints.get(this.registry.pool, id);
    if (found?.organizationId !== organizationId) throw notFound('endpoint');
    return view(found);
  }

  /** The token that requests to the endpoint carry in dialects with a token. */
  async token(tenant: Tenant, id: string): Promise<EndpointToken> {
    await this.get(tenant, id);
    const { token } = (await secrets.get(this.registry.pool, id))!;
    return {
      endpointId: id,
      token: this.sealer.open(token!, endpointSecretContext(id)).toString(),
    };
  }

  change(tenant: Tenant, id: string, command: ChangeEndpoint): Promise<EndpointView> {
    return this.registry.change(async (client) => {
      const endpoint = view(await this.lock(client, tenant, id));
      const organization = await lockOrganization(client, tenant.organizationId);
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

  async remove(tenant: Tenant, id: string): Promise<void> {
    await this.registry.change(async (client) => {
      await this.lock(client, tenant, id);
      await endpoints.remove(client, id);
      await secrets.remove(client, id);
    });
  }

  /** Creates a new secret; for a day the previous one signs as well. */
  rotateSecret(tenant: Tenant, id: string, key: string | undefined): Promise<EndpointWithSecret> {
    return this.registry.changeOnce(requestOf('POST secret', tenant, key, id), async (client) => {
      const endpoint = view(await this.lock(client, tenant, id));
      const current = (await secrets.lock(client, id))!;
      const { secret, record } = rotateSecret(
        current,
        endpointSecretContext(id),
        this.sealer,
        this.now(),
      );
      await secrets.replace(client, id, record);
      return { ...endpoint, secret: encodeSecret(secret) };
    });
  }

  private async lock(client: PoolClient, tenant: Tenant, id: string): Promise<Endpoint> {
    return ofTenant(await endpoints.lock(client, id), tenant);
  }

  private seal(id: string, text: string): string {
    return this.sealer.seal(Buffer.from(text), endpointSecretContext(id));
  }

  /** Existing subscriptions keep their version; new ones get the latest version. */
  private async resubscribed(
    endpoint: EndpointView,
    eventTypes: string[],
  ): Promise<Subscription[]> {
    const requested = await this.subscriptions(eventTypes, endpoint);
    const before = new Map(endpoint.subscriptions.map((one) => [one.eventType, one]));
    return requested.map((one) => ({
      ...one,
      version: before.get(one.eventType)?.version ?? one.version,
    }));
  }

  private subscriptions(
    names: string[],
    { audience, dialect }: Pick<EndpointView, 'audience' | 'dialect'>,
  ): Promise<Subscription[]> {
    return this.catalog.retryAfterCatchUp(() =>
      subscriptionsByName(names, this.catalog.all(), audience, dialects[dialect]),
    );
  }
}
