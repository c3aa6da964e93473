import { DataSource, type MigrationInterface } from 'typeorm';

const lock = 0x0ca5e317;

/** The database has migrations that this version does not know: another version created it, and it cannot be migrated. */
export class UnknownMigrations extends Error {
  readonly code = 'DATABASE_OF_ANOTHER_VERSION';
  readonly retriable = false;
  constructor(
    readonly database: string,
    readonly unknown: readonly string[],
  ) {
    super(
      `the database ${database} was made by another version of Casewire: it has the migrations ${unknown.join(', ')}, ` +
        'which this version does not know. Use an empty database or an empty data folder, or the version that created it.',
    );
  }
}

/**
 * Migrates the database of a service to the newest schema. Instances that start at the same time wait for each other.
 * @param migrations all migrations, in order
 * @throws UnknownMigrations before anything is changed
 */
export async function migrate(
  databaseUrl: string,
  migrations: (new () => MigrationInterface)[],
): Promise<void> {
  const source = new DataSource({ type: 'postgres', url: databaseUrl, migrations, poolSize: 2 });
  await source.initialize();
  const session = source.createQueryRunner();
  try {
    await session.connect();
    await session.query('select pg_advisory_lock($1)', [lock]);
    const known = new Set(migrations.map(({ name }) => name));
    const unknown = (await namesOfRun(session)).filter((name) => !known.has(name));
    if (unknown.length > 0) throw new UnknownMigrations(String(source.driver.database), unknown);
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await session.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await session.release();
    await source.destroy();
  }
}

/** The names of the migrations that ran on this database, in order; empty for a new database. */
async function namesOfRun(session: { query(sql: string): Promise<unknown> }): Promise<string[]> {
  const [{ exists }] = (await session.query(
    `select to_regclass('migrations') is not null as exists`,
  )) as [{ exists: boolean }];
  if (!exists) return [];
  const rows = (await session.query('select name from migrations order by id')) as {
    name: string;
  }[];
  return rows.map(({ name }) => name);
}
