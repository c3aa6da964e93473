import type { Pool, PoolClient, QueryConfig } from 'pg';

/** Name of a statement -> the buffers that it touched, by EXPLAIN (ANALYZE, BUFFERS). */
export type Buffers = Map<string, number>;

interface Plan {
  'QUERY PLAN': [{ Plan: Record<string, number> }];
}

/** The same pool; every named statement is first run by EXPLAIN ANALYZE, which is rolled back. */
export function explained(pool: Pool, buffers: Buffers): Pool {
  const explain = async (client: PoolClient, { name, text, values = [] }: QueryConfig) => {
    if (name === undefined) return;
    await client.query('savepoint explained');
    const { rows } = await client.query<Plan>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    await client.query('rollback to savepoint explained');
    const { Plan } = rows[0]!['QUERY PLAN'][0];
    const touched = (Plan['Shared Hit Blocks'] ?? 0) + (Plan['Shared Read Blocks'] ?? 0);
    buffers.set(name, (buffers.get(name) ?? 0) + touched);
  };
  const explaining = (client: PoolClient): PoolClient => {
    const run = async (query: string | QueryConfig, values?: unknown[]) => {
      if (typeof query === 'string') return client.query(query, values);
      await explain(client, query);
      return client.query(query);
    };
    // Pipelined statements are explained one after the other.
    let last: Promise<unknown> = Promise.resolve();
    return wrap(client, {
      query: (query: string | QueryConfig, values?: unknown[]) => {
        const result = last.then(() => run(query, values));
        last = result.catch(() => undefined);
        return result;
      },
    });
  };
  const connect = async () => explaining(await pool.connect());
  return wrap(pool, {
    connect,
    query: async (query: string | QueryConfig, values?: unknown[]) => {
      if (typeof query === 'string') return pool.query(query, values);
      const client = await connect();
      try {
        await client.query('begin');
        const result = await client.query(query);
        await client.query('commit');
        return result;
      } finally {
        client.release();
      }
    },
  });
}

const wrap = <T extends Pool | PoolClient>(db: T, methods: Record<string, unknown>): T =>
  new Proxy(db, {
    get(target, name) {
      if (typeof name === 'string' && name in methods) return methods[name];
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
