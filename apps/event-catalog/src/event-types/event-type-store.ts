import { eventTypeKey, EventTypeName, Topics, type EventType } from '@casewire/contracts';
import { ReferenceStore } from '@casewire/event-sourcing';
import { named } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { CataloguedType } from '../seeds/seed.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

export const eventTypes = new ReferenceStore<CataloguedType>(Topics.eventTypes, () => null);

/** Selects event types; a criterion that is null is ignored. */
export interface EventTypeFilter {
  owner: string | null;
  status: EventType['status'] | null;
  category: string | null;
  audience: EventType['audience'] | null;
  /** Only types that can be addressed to this organization or that it owns. */
  organizationId: string | null;
  /** Only types that can be addressed to every organization. */
  isPublic: boolean;
}

export const noFilter: EventTypeFilter = {
  owner: null,
  status: null,
  category: null,
  audience: null,
  organizationId: null,
  isPublic: false,
};

/**
 * The versions that match a filter, ordered by key.
 * @param after the key after which the result starts
 */
export async function select(
  db: Queryable,
  { owner, status, category, audience, organizationId, isPublic }: EventTypeFilter,
  limit: number,
  after = '',
): Promise<CataloguedType[]> {
  const { rows } = await db.query<{ record: CataloguedType }>(
    named(
      `select record from reference_record
       where topic = :topic and deleted_at is null and id > :after
         and (:owner::text is null or record->>'owner' = :owner)
         and (:status::text is null or record->>'status' = :status)
         and (:category::text is null or record->>'category' = :category)
         and (:audience::text is null or record->>'audience' = :audience)
         and (record->'addressees' = 'null' or (not :isPublic
           and (:organizationId::text is null or record->>'owner' = :organizationId or record->'addressees' ? :organizationId)))
       order by id limit :limit`,
      {
        topic: Topics.eventTypes,
        after,
        owner,
        status,
        category,
        audience,
        organizationId,
        isPublic,
        limit,
      },
    ),
  );
  return rows.map(({ record }) => record);
}

/** Every version of a name, the oldest first. */
export async function versionsOf(db: Queryable, name: string): Promise<CataloguedType[]> {
  if (!EventTypeName.safeParse(name).success) return [];
  const { rows } = await db.query<{ record: CataloguedType }>(
    `select record from reference_record
     where topic = $1 and record->>'name' = $2 and deleted_at is null`,
    [Topics.eventTypes, name],
  );
  return rows.map(({ record }) => record).toSorted((a, b) => a.version - b.version);
}

export async function countOf(db: Queryable, owner: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*)::int as n from reference_record
     where topic = $1 and deleted_at is null and record->>'owner' = $2`,
    [Topics.eventTypes, owner],
  );
  return rows[0]!.n;
}

/** A text that differs after every change: revisions only increase, and no record is ever removed. */
export async function catalogState(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ state: string }>(
    `select count(*) || '.' || coalesce(sum(revision), 0) as state
     from reference_record where topic = $1`,
    [Topics.eventTypes],
  );
  return rows[0]!.state;
}

/**
 * Locks a name and its versions until the transaction ends.
 * @returns the versions, the oldest first
 */
export async function lockName(client: PoolClient, name: string): Promise<CataloguedType[]> {
  // The seed 7 separates these advisory locks from others that hash a text.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 7))', [
    encodeURIComponent(name.toWellFormed()),
  ]);
  return versionsOf(client, name);
}

export const keyOf = ({ name, version }: Pick<EventType, 'name' | 'version'>): string =>
  eventTypeKey(name, version);
