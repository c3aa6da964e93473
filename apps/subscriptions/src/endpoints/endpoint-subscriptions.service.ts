import type {
  EndpointView,
  EventType,
  SchemaChange,
  Subscription,
  SubscriptionUpgrade,
  SubscriptionView,
} from '@casewire/contracts';
import { notFound, Refusal } from '@casewire/service';

import { endpoints, type Registry } from '../publication/registry.ts';
import type { Catalog } from './catalog.ts';
import { mine, requestOf, view, type Owner } from './endpoint-record.ts';

/** What differs between two schemas. */
export type CompareSchemas = (
  before: EventType['schema'],
  after: EventType['schema'],
) => SchemaChange[];

/** An endpoint's subscriptions one by one: their versions, upgrades, and their end. */
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
    const endpoint = mine(await endpoints.get(this.registry.pool, id), owner);
    return this.upgradeOf(subscribed(endpoint, eventType), version);
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
      const endpoint = view(mine(await endpoints.hold(client, id), owner));
      const upgrade = await this.upgradeOf(subscribed(endpoint, eventType), version);
      const subscriptions = endpoint.subscriptions.map((one) =>
        one.eventType === eventType ? { ...one, version: upgrade.to } : one,
      );
      await endpoints.replace(client, id, { ...endpoint, subscriptions });
      return upgrade;
    });
  }

  async unsubscribe(owner: Owner, id: string, eventType: string): Promise<void> {
    await this.registry.change(async (client) => {
      const endpoint = view(mine(await endpoints.hold(client, id), owner));
      const { eventType: gone } = subscribed(endpoint, eventType);
      const subscriptions = endpoint.subscriptions.filter((one) => one.eventType !== gone);
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

function subscribed({ subscriptions }: EndpointView, eventType: string): Subscription {
  const found = subscriptions.find((one) => one.eventType === eventType);
  if (!found) throw notFound('subscription');
  return found;
}
