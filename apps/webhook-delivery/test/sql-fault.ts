import type { Pool, PoolClient, QueryConfig } from 'pg';

export interface SqlChanges {
  /** By name of a statement: changes its text; `null` omits the statement. */
  statements?: Record<string, ((text: string) => string) | null>;
  /** Awaited before each commit: keeps locks longer, so that transactions overlap. */
  beforeCommit?: () => Promise<void>;
}

/**
 * The same pool with changed SQL: production code with a seeded bug.
 * @throws Error if a change has no effect, because the statement does not contain the text any more
 */
export function changeSql(pool: Pool, { statements = {}, beforeCommit }: SqlChanges): Pool {
  const changed = (config: QueryConfig): QueryConfig | null => {
    const change = config.name === undefined ? undefined : statements[config.name];
    if (change === undefined) return config;
    if (change === null) return null;
    const text = change(config.text);
    if (text === config.text) throw new Error(`${config.name} was not changed`);
    return { text, values: config.values ?? [] };
  };
  const query =
    (db: Pool | PoolClient) => async (first: string | QueryConfig, values?: unknown[]) => {
      if (typeof first === 'string') {
        if (first === 'commit') await beforeCommit?.();
        return db.query(first, values);
      }
      const config = changed(first);
      return config === null ? { rows: [], rowCount: 0 } : db.query(config);
    };
  const wrap = <T extends Pool | PoolClient>(db: T, methods: Record<string, unknown>): T =>
    new Proxy(db, {
      get(target, name) {
        if (typeof name === 'string' && name in methods) return methods[name];
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return wrap(pool, {
    query: query(pool),
    connect: async () => {
      const client = await pool.connect();
      return wrap(client, { query: query(client) });
    },
  });
}
