import type {
  EventType,
  SchemaChange,
  Subscription,
  SubscriptionUpgrade,
  SubscriptionView,
} from '@casewire/contracts';
import { Refusal } from '@casewire/service';
import { dialects } from '@casewire/webhooks';

import { endpoints, type Registry } from '../publication/registry.ts';
import type { Catalog } from './catalog.ts';
import { mine, requestOf, view, type Owner } from './endpoint-record.ts';
import { subscriptionNamed, withoutName } from './named-subscriptions.ts';

/** What differs between two schemas. */
export type CompareSchemas = (
  before: EventType['schema'],
  after: EventType['schema'],
) => SchemaChange[];

/**
 * An endpoint's subscriptions one by one: their versions, upgrades, and their end. Each goes by the name of its type, or by
 * the name in the endpoint's dialect that it was made by.
 */
export class EndpointSubscriptionsService {
  constructor(
    private readonly registry: Registry,
    private readonly catalog: Catalog,
    private readonly compare: CompareSchemas,
  ) {}

  async getAll(owner: Owner, id: string): Promise<{ items: SubscriptionView[] }> {
    const { subscriptions } = mine(await endpoints.get(this.registry.pool, id), owner);
    const items = subscriptions.map((one) => ({
      ...one,
      latest: this.catalog.latest(one.eventType)?.version ?? null,
    }));
    return { items };
  }

  /** What an upgrade would change; nothing is changed. */
  async preview(
    owner: Owner,
    id: string,
    eventType: string,
    version: number | undefined,
  ): Promise<SubscriptionUpgrade> {
    const { subscriptions, dialect } = mine(await endpoints.get(this.registry.pool, id), owner);
    return this.upgradeOf(subscriptionNamed(eventType, subscriptions, dialects[dialect]), version);
  }

  upgrade(
    owner: Owner,
    id: string,
    eventType: string,
    version: number | undefined,
    key: string | undefined,
  ): Promise<SubscriptionUpgrade> {
    const request = requestOf('POST upgrade', owner, key, id, eventType, `${version}`);
    return this.registry.changeOnce(request, async (client) => {
      const endpoint = view(mine(await endpoints.lock(client, id), owner));
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

  async unsubscribe(owner: Owner, id: string, eventType: string): Promise<void> {
    await this.registry.change(async (client) => {
      const endpoint = view(mine(await endpoints.lock(client, id), owner));
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
      throw new Refusal(409, 'SUBSCRIPTION_HAS_NO_VERSION', '* is always at the latest versions');
    const [before, after] = await this.catalog.ask(() => {
      const to = version === undefined ? this.catalog.latest(eventType) : undefined;
      const found = to ?? this.catalog.find(eventType, version ?? from);
      if (!found || found.status === 'retired') {
        throw new Refusal(422, 'EVENT_VERSION_UNKNOWN', `${eventType} has no such version`, [
          { field: 'version', rule: `must be a version of ${eventType} that is not retired` },
        ]);
      }
      return [this.catalog.find(eventType, from), found] as const;
    });
    if (after.version < from) {
      throw new Refusal(409, 'VERSION_DOWNGRADE', 'a subscription cannot be downgraded', [
        { field: 'version', rule: `must be above ${from}` },
      ]);
    }
    const changes = before && after.version > from ? this.compare(before.schema, after.schema) : [];
    return { eventType, from, to: after.version, changes };
  }
}
