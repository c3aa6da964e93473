import { isDeepStrictEqual } from 'node:util';

import type { Principal } from '@casewire/auth';
import type { EventTypeQuery, EventTypeView, SchemaChange, SchemaDiff } from '@casewire/contracts';
import { compare } from '@casewire/event-schemas';
import { notFound, pageOf } from '@casewire/service';

import type { CataloguedType } from '../seeds/seed.ts';
import type { Catalog } from './catalog.ts';
import { recordCompatible } from './compatibility.ts';
import { eventTypes, lockName, keyOf, select, versionsOf } from './event-type-store.ts';
import { schemasOf } from './schema-history.ts';

/** A shipped type has an incompatible schema now: events that were published with it could no longer be read. */
export class ShippedSchemaBroken extends Error {
  readonly code = 'SHIPPED_SCHEMA_BROKEN';
  constructor(type: CataloguedType, changes: readonly SchemaChange[]) {
    const lines = changes.map(({ path, kind, reason }) => `  ${path || '/'} ${kind}: ${reason}`);
    super(
      `the schema of ${keyOf(type)} breaks the shipped schema; it needs a new version:\n${lines.join('\n')}`,
    );
  }
}

export class EventTypesService {
  constructor(private readonly catalog: Catalog) {}

  /**
   * Creates or updates the seeded types. A type that a team has taken over is not changed.
   * @throws ShippedSchemaBroken where a schema is incompatible with an earlier one of its version
   */
  async seed(types: readonly CataloguedType[]): Promise<void> {
    await this.catalog.change(async (client) => {
      // Sorted, so that instances that start at the same time lock the names in the same order and cannot deadlock.
      for (const type of types.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const versions = await lockName(client, type.name);
        const current = versions.find(({ version }) => version === type.version);
        if (versions.some(({ owner }) => owner !== type.owner)) continue;
        const breaking = await recordCompatible(client, current, type);
        if (breaking.length > 0) throw new ShippedSchemaBroken(type, breaking);
        if (!current) await eventTypes.create(client, keyOf(type), type);
        else if (!isSame(current, type)) await eventTypes.replace(client, keyOf(type), type);
      }
    });
  }

  async getAll(principal: Principal, query: EventTypeQuery, after: string | undefined) {
    const { owner = null, status = null, category = null, audience = null, limit } = query;
    const filter = { owner, status, category, organizationId: principal.organizationId };
    if (audience === 'internal' && !canSeeInternal(principal)) return { items: [], next: null };
    const found = await select(
      this.catalog.pool,
      { ...filter, audience: canSeeInternal(principal) ? audience : 'partner', isPublic: false },
      limit + 1,
      after,
    );
    return pageOf(found, limit, keyOf, (type) => viewOf(type, principal));
  }

  async get(principal: Principal, name: string, version: number): Promise<EventTypeView> {
    return viewOf(await this.find(principal, name, version), principal);
  }

  async versions(principal: Principal, name: string): Promise<{ items: EventTypeView[] }> {
    const visible = (await versionsOf(this.catalog.pool, name)).filter((type) =>
      canSee(principal, type),
    );
    if (visible.length === 0) throw notFound('event type');
    return { items: visible.map((type) => viewOf(type, principal)) };
  }

  async history(principal: Principal, name: string, version: number) {
    await this.find(principal, name, version);
    const schemas = await schemasOf(this.catalog.pool, name, version);
    return {
      items: schemas.map(({ schema, recordedAt }) => ({
        schema,
        recordedAt: recordedAt.toISOString(),
      })),
    };
  }

  async diff(principal: Principal, name: string, from: number, to: number): Promise<SchemaDiff> {
    const before = await this.find(principal, name, from);
    const after = await this.find(principal, name, to);
    return { name, from, to, changes: compare(before.schema, after.schema) };
  }

  private async find(principal: Principal, name: string, version: number): Promise<CataloguedType> {
    const versions = await versionsOf(this.catalog.pool, name);
    const found = versions.find((one) => one.version === version);
    if (!found || !canSee(principal, found)) throw notFound('event type');
    return found;
  }
}

const canSeeInternal = ({ organization: { kind, audiences } }: Principal): boolean =>
  kind === 'team' || audiences.includes('internal');

function canSee(principal: Principal, { audience, owner, addressees }: CataloguedType): boolean {
  if (owner === principal.organizationId) return true;
  if (audience === 'internal' && !canSeeInternal(principal)) return false;
  return addressees === null || addressees.includes(principal.organizationId);
}

export const viewOf = (
  { addressees, ...type }: CataloguedType,
  { organizationId }: Pick<Principal, 'organizationId'>,
): EventTypeView => (type.owner === organizationId ? { ...type, addressees } : type);

// Compared as JSON, because the stored type was serialized.
const isSame = (stored: CataloguedType, type: CataloguedType): boolean =>
  isDeepStrictEqual(stored, JSON.parse(JSON.stringify(type)));
