import type {
  EventType,
  SchemaChange,
  Subscription,
  SubscriptionUpgrade,
  SubscriptionView,
} from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import { dialects } from '@casewire/webhooks';

import { endpoints, type Registry } from '../publication/registry.ts';
import type { Catalog } from './catalog.ts';
import { ofTenant, requestOf, view, type Tenant } from './endpoint-record.ts';
import { subscriptionNamed, withoutName } from './named-subscriptions.ts';

/** Returns the differences between two schemas. */
export type CompareSchemas = (
  before: EventType['schema'],
  after: EventType['schema'],
) => SchemaChange[];

/**
 * The individual subscriptions of an endpoint: list, upgrade, unsubscribe. A subscription is identified by the name of its
 * event type, or by a name in the endpoint's dialect with which it was made.
 */
export class EndpointSubscriptionsService {
  constructor(
    private readonly registry: Registry,
    private readonly catalog: Catalog,
    private readonly compare: CompareSchemas,
  ) {}

  async getAll(tenant: Tenant, id: string): Promise<{ items: SubscriptionView[] }> {
    const { subscriptions } = ofTenant(await endpoints.get(this.registry.pool, id), tenant);
    const items = subscriptions.map((one) => ({
      ...one,
      latest: this.catalog.latest(one.eventType)?.version ?? null,
    }));
    return { items };
  }

  /** Returns the changes that an upgrade would make. */
  async preview(
    tenant: Tenant,
    id: string,
    eventType: string,
    version: number | undefined,
  ): Promise<SubscriptionUpgrade> {
    const { subscriptions, dialect } = ofTenant(
      await endpoints.get(this.registry.pool, id),
      tenant,
    );
    return this.upgradeOf(subscriptionNamed(eventType, subscriptions, dialects[dialect]), version);
  }

  upgrade(
    tenant: Tenant,
    id: string,
    eventType: string,
    version: number | undefined,
    key: string | undefined,
  ): Promise<SubscriptionUpgrade> {
    const request = requestOf('POST upgrade', tenant, key, id, eventType, `${version}`);
    return this.registry.changeOnce(request, async (client) => {
      const endpoint = view(ofTenant(await endpoints.lock(client, id), tenant));
      const { dialect } = endpoint;
      const named = subscriptionNamed(eventType, endpoint.subscriptions, dialects[dialect]);
      const upgrade = await this.upgradeOf(named, version);
      const subscriptions = endpoint.subscriptions.map((one) =>
        one === named ? { ...one, version: upgrade.to } : one,
      );
      await endpoints.replace(client, id, { ...endpoint, subscriptions });
      return upgrade;
    });
  }

  async unsubscribe(tenant: Tenant, id: string, eventType: string): Promise<void> {
    await this.registry.change(async (client) => {
      const endpoint = view(ofTenant(await endpoints.lock(client, id), tenant));
      const { dialect } = endpoint;
      const subscriptions = withoutName(eventType, endpoint.subscriptions, dialects[dialect]);
      await endpoints.replace(client, id, { ...endpoint, subscriptions });
    });
  }

  private async upgradeOf(
    { eventType, version: from }: Subscription,
    version: number | undefined,
  ): Promise<SubscriptionUpgrade> {
    if (from === null)
      throw new ApiError(
        409,
        'SUBSCRIPTION_HAS_NO_VERSION',
        'a subscription to * always has the latest versions',
      );
    const [before, after] = await this.catalog.retryAfterCatchUp(() => {
      const to = version === undefined ? this.catalog.latest(eventType) : undefined;
      const found = to ?? this.catalog.find(eventType, version ?? from);
      if (!found || found.status === 'retired') {
        throw new ApiError(422, 'EVENT_VERSION_UNKNOWN', `${eventType} has no such version`, [
          { field: 'version', rule: `must be a version of ${eventType} that is not retired` },
        ]);
      }
      return [this.catalog.find(eventType, from), found] as const;
    });
    if (after.version < from) {
      throw new ApiError(409, 'VERSION_DOWNGRADE', 'a subscription cannot be downgraded', [
        { field: 'version', rule: `must be above ${from}` },
      ]);
    }
    const changes = before && after.version > from ? this.compare(before.schema, after.schema) : [];
    return { eventType, from, to: after.version, changes };
  }
}
