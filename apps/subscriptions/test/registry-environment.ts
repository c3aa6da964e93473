import { randomBytes } from 'node:crypto';

import { Sealer } from '@casewire/auth';
import { CreateOrganization, eventTypeKey, type EventType } from '@casewire/contracts';
import { migrate } from '@casewire/service';
import { testDatabase } from '@casewire/testing';

import { Catalog } from '../src/endpoints/catalog.ts';
import { EndpointsService } from '../src/endpoints/endpoints.service.ts';
import { migrations } from '../src/migrations/index.ts';
import { OrganizationsService } from '../src/organizations/organizations.service.ts';
import { Registry } from '../src/publication/registry.ts';

export interface PublishedRecord {
  topic: string;
  key: string;
  value: Record<string, unknown>;
}

/**
 * The registry on its own database; `published` has every record that it publishes, in order.
 * @param types the event types of the catalog
 */
export async function createRegistryEnvironment(types: readonly EventType[]) {
  const database = await testDatabase();
  await migrate(database.url, migrations);
  const published: PublishedRecord[] = [];
  const log = {
    send: async (records: readonly { topic: string; key?: unknown; value?: unknown }[]) => {
      for (const { topic, key, value } of records)
        published.push({ topic, key: String(key), value: JSON.parse(String(value)) });
    },
  };
  const sealer = new Sealer(randomBytes(32));
  const registry = new Registry(database.pool, log, sealer);
  const byKey = new Map(types.map((type) => [eventTypeKey(type.name, type.version), type]));
  const catalog = new Catalog({
    entries: () => byKey.entries(),
    get: (key) => byKey.get(key),
    catchUp: async () => 0n,
  });
  const now = () => new Date('2026-06-01T12:00:00Z');
  const organizations = new OrganizationsService(registry, catalog, sealer, now);
  return {
    database,
    log,
    published,
    registry,
    sealer,
    catalog,
    now,
    organizations,
    endpoints: new EndpointsService(registry, catalog, sealer, now),
    /** Adds a version to the catalog. */
    publishType: (type: EventType) => void byKey.set(eventTypeKey(type.name, type.version), type),
    async organization(over: Parameters<typeof CreateOrganization.parse>[0] = {}) {
      const command = CreateOrganization.parse({ name: 'Acme', ...(over as object) });
      const { id } = await organizations.create(command, undefined);
      return { organizationId: id, environment: 'production' as const };
    },
  };
}
export type RegistryEnvironment = Awaited<ReturnType<typeof createRegistryEnvironment>>;
