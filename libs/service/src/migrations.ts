import { DataSource, type MigrationInterface } from 'typeorm';

const lock = 0x0ca5e317;

/**
 * Brings a service's database to its newest shape. Several instances that start at once wait for one another.
 * @param migrations in their order; written by hand
 */
export async function migrate(
  databaseUrl: string,
  migrations: (new () => MigrationInterface)[],
): Promise<void> {
  const source = new DataSource({ type: 'postgres', url: databaseUrl, migrations, poolSize: 2 });
  await source.initialize();
  const holder = source.createQueryRunner();
  try {
    await holder.connect();
    await holder.query('select pg_advisory_lock($1)', [lock]);
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await holder.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await holder.release();
    await source.destroy();
  }
}
