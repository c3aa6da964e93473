import type { Schema } from '@casewire/event-schemas';
import { dialects, type DeliverableEvent } from '@casewire/webhooks';
import type { Pool } from 'pg';

import { noFilter, select } from '../event-types/event-type-store.ts';
import type { CataloguedType } from '../seeds/seed.ts';

/** An event type on the public pages. */
export interface PublishedType {
  name: string;
  /** The newest version. */
  latest: CataloguedType;
  /** All versions, the newest first. */
  versions: readonly CataloguedType[];
}

/** The public event types: those for partners that can be addressed to every organization. */
export async function publishedTypes(pool: Pool): Promise<PublishedType[]> {
  const types = await select(pool, { ...noFilter, audience: 'partner', isPublic: true }, 100_000);
  const byName = Map.groupBy(types, ({ name }) => name);
  return [...byName]
    .map(([name, all]) => {
      const versions = all.toSorted((a, b) => b.version - a.version);
      return { name, latest: versions[0]!, versions };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export const isFired = ({ status }: CataloguedType): boolean =>
  status === 'active' || status === 'deprecated';

export const statusText: Readonly<Record<CataloguedType['status'], string>> = {
  active: 'active',
  reserved: 'reserved: endpoints can subscribe to it; it is not fired yet',
  deprecated: 'deprecated: it is still fired and will be retired',
  retired: 'retired: it is no longer fired',
};

export const schemaOf = ({ schema }: CataloguedType): Schema => schema;

/** The first eight properties that every event of the type has. */
export const keyFields = (type: CataloguedType): string[] =>
  (schemaOf(type).required ?? []).slice(0, 8);

/** An event of this type, with its sample as data. */
export const sampleEvent = (type: CataloguedType): DeliverableEvent => ({
  id: '5f0c5b5e-0b0f-5d0a-9a52-0f3c7d1e2b4a',
  type: type.name,
  version: type.version,
  organizationId: 'a1b2c3d4-e5f6-4890-abcd-ef1234567890',
  environment: 'production',
  occurredAt: '2026-01-22T10:30:00.000Z',
  feature: null,
  subject: null,
  correlationId: null,
  data: type.sample as Record<string, unknown>,
});

/** The names of the type in each dialect that has a name for it. */
export function dialectNames(type: CataloguedType): { dialect: string; names: string[] }[] {
  return Object.values(dialects).flatMap(({ name: dialect, eventNames }) => {
    const names = eventNames
      ? [...eventNames].filter(([, types]) => types.includes(type.name)).map(([name]) => name)
      : [type.name];
    return names.length > 0 ? [{ dialect, names }] : [];
  });
}
