import type { Pool, PoolClient } from 'pg';

/** The table of an owner of reference data, to be created by its first migration. */
export const referenceTable = `
  create table reference_record (
    topic text not null,
    id text not null,
    -- Whose it is, for lists; null for what belongs to the platform.
    owner text,
    record jsonb not null,
    revision bigint not null default 1,
    published_revision bigint not null default 0,
    deleted_at timestamptz,
    primary key (topic, id)
  );
  create index reference_record_owner on reference_record (topic, owner, id) where deleted_at is null;
  create index reference_record_unpublished on reference_record (topic, id) where published_revision < revision;`;

type Queryable = Pick<Pool | PoolClient, 'query'>;

export interface ReferenceMessage {
  topic: string;
  key: string;
  value: string;
}

/** A record as others read it: what is stored, with its revision and whether it was deleted. */
export type Revised<T> = T & { revision: number; deletedAt: string | null };

interface Row<T> {
  id: string;
  record: T;
  revision: string;
  deleted_at: Date | null;
}

const revised = <T>({ record, revision, deleted_at }: Row<T>): Revised<T> => ({
  ...record,
  revision: Number(revision),
  deletedAt: deleted_at?.toISOString() ?? null,
});

/**
 * One kind of reference data at its owner: kept in the owner's database, published to a compacted topic. Every change
 * raises the record's revision; readers ignore lower ones.
 */
export class ReferenceStore<T extends object> {
  constructor(
    readonly topic: string,
    /** Whose a record is, for lists. */
    private readonly ownerOf: (record: T) => string | null,
  ) {}

  async create(db: Queryable, id: string, record: T): Promise<void> {
    await db.query(
      'insert into reference_record (topic, id, owner, record) values ($1, $2, $3, $4)',
      [this.topic, id, this.ownerOf(record), JSON.stringify(record)],
    );
  }

  async replace(db: Queryable, id: string, record: T): Promise<void> {
    await db.query(
      'update reference_record set record = $3, revision = revision + 1 where topic = $1 and id = $2 and deleted_at is null',
      [this.topic, id, JSON.stringify(record)],
    );
  }

  /** A deletion is a record too, so that readers learn of it. */
  async remove(db: Queryable, id: string): Promise<boolean> {
    const { rowCount } = await db.query(
      `update reference_record set deleted_at = now(), revision = revision + 1
       where topic = $1 and id = $2 and deleted_at is null`,
      [this.topic, id],
    );
    return rowCount === 1;
  }

  async get(db: Queryable, id: string): Promise<Revised<T> | undefined> {
    return this.one(db, id, '');
  }

  /** Reads a record and holds it until the transaction ends. */
  async hold(client: PoolClient, id: string): Promise<Revised<T> | undefined> {
    return this.one(client, id, 'for update');
  }

  /** An owner's records from behind an id on; one more than the limit where there are more. */
  async list(
    db: Queryable,
    owner: string | null,
    limit: number,
    after = '',
  ): Promise<Revised<T>[]> {
    const { rows } = await db.query<Row<T>>(
      `select id, record, revision, deleted_at from reference_record
       where topic = $1 and owner is not distinct from $2 and deleted_at is null and id > $3 order by id limit $4`,
      [this.topic, owner, after, limit + 1],
    );
    return rows.map(revised);
  }

  async count(db: Queryable, owner: string): Promise<number> {
    const { rows } = await db.query<{ n: number }>(
      'select count(*)::int as n from reference_record where topic = $1 and owner = $2 and deleted_at is null',
      [this.topic, owner],
    );
    return rows[0]!.n;
  }

  private async one(
    db: Queryable,
    id: string,
    lock: '' | 'for update',
  ): Promise<Revised<T> | undefined> {
    const { rows } = await db.query<Row<T>>(
      `select id, record, revision, deleted_at from reference_record
       where topic = $1 and id = $2 and deleted_at is null ${lock}`,
      [this.topic, id],
    );
    return rows[0] && revised(rows[0]);
  }
}

/**
 * Publishes what the topics lag behind: after every change before its answer is sent, at start, and now and then. The
 * rows are held until their records are acknowledged: a lower revision never comes after a higher one, which compaction
 * would keep.
 * @param topics in the order in which they are to be published: what others refer to first
 * @returns how many records were published
 */
export async function publishReferences(
  client: PoolClient,
  topics: readonly string[],
  send: (messages: ReferenceMessage[]) => Promise<void>,
): Promise<number> {
  const { rows } = await client.query<Row<object> & { topic: string }>(
    `select topic, id, record, revision, deleted_at from reference_record
     where published_revision < revision order by topic, id for update`,
  );
  if (rows.length === 0) return 0;
  for (const topic of topics) {
    const due = rows.filter((row) => row.topic === topic);
    if (due.length === 0) continue;
    await send(due.map((row) => ({ topic, key: row.id, value: JSON.stringify(revised(row)) })));
  }
  await client.query(
    `update reference_record r set published_revision = p.revision
     from unnest($1::text[], $2::text[], $3::bigint[]) as p (topic, id, revision)
     where r.topic = p.topic and r.id = p.id`,
    [
      rows.map(({ topic }) => topic),
      rows.map(({ id }) => id),
      rows.map(({ revision }) => revision),
    ],
  );
  return rows.length;
}
