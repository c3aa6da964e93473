import type { Pool, PoolClient } from 'pg';

/** The table for the reference data of a service. The service's first migration creates it. */
export const referenceTable = `
  create table reference_record (
    topic text not null,
    id text not null,
    -- By whom lists are filtered, such as an organization; null for records of the platform.
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

/** A record as it is published: the stored record with its revision and the time of its deletion (ISO 8601). */
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
 * One kind of reference data in the service that changes it: stored in the service's database, published to a compacted topic.
 * Every change raises the record's revision; readers ignore lower ones.
 */
export class ReferenceStore<T extends object> {
  constructor(
    readonly topic: string,
    /** The owner by whom lists are filtered. */
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

  /**
   * Marks a record as deleted; the mark is published, so that readers forget the record.
   * @returns false if there is no such record
   */
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

  /** Reads a record and locks it until the transaction ends. */
  async lock(client: PoolClient, id: string): Promise<Revised<T> | undefined> {
    return this.one(client, id, 'for update');
  }

  /**
   * The records of an owner, by id.
   * @param limit records on a page; one more is returned if there are more
   * @param after the last id of the page before
   */
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
 * Publishes every record whose topic does not have its latest revision. To be called after each change before the response is
 * sent, at the start, and from time to time. The rows are locked until their records are acknowledged, so that a lower revision
 * never follows a higher one: compaction keeps the last record of a key.
 * @param topics in the order of publication: a topic before those that refer to its records
 * @param send resolves when the broker has acknowledged all messages
 * @returns the number of records that were published
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
