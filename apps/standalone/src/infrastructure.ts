import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { EmbeddedPostgres } from '@casewire/embedded-postgres';
import { FolderLock } from '@casewire/folder-lock';
import { Client } from 'pg';

import { platformKeys, type Keys } from './keys.ts';
import { databases, type ServiceDependencies } from './service-env.ts';

export interface Infrastructure {
  readonly dependencies: ServiceDependencies;
  stop(): Promise<void>;
  /** Stops, and removes everything that was kept. */
  destroy(): Promise<void>;
}

export interface InfrastructureOptions {
  /** Everything that is kept is below it. */
  directory: string;
  /** Brokers to use instead of the embedded one. */
  brokers?: string;
  /** A PostgreSQL to use instead of the embedded one: its administrator's URL, and a prefix for the databases' names. */
  postgres?: { url: string; prefix: string };
  /** Ports of the embedded broker and database; 0, the default, takes free ones. */
  ports?: { kafka: number; postgres: number };
}

/**
 * Starts what the services stand on: PostgreSQL with a database for each, a Kafka broker, a folder for blobs, keys.
 * @throws FolderInUse, before anything is touched, while another process works on the directory
 */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const directory = resolve(options.directory);
  // Before all else: a second start that only looked at a database in use would stop it.
  const lock = await FolderLock.acquire(directory, 'platform.lock');
  const { kafka: kafkaPort = 0, postgres: postgresPort = 0 } = options.ports ?? {};
  const postgres = options.postgres
    ? undefined
    : new EmbeddedPostgres({ directory: join(directory, 'postgres'), port: postgresPort });
  const kafka = options.brokers
    ? undefined
    : new EmbeddedKafka({ directory: join(directory, 'kafka'), port: kafkaPort });
  const stop = async () => {
    await kafka?.stop();
    await postgres?.stop();
    await lock.release();
  };
  const databaseUrl = (name: string) => {
    if (postgres) return postgres.url(name);
    const url = new URL(options.postgres!.url);
    url.pathname = options.postgres!.prefix + name;
    return url.toString();
  };
  let keys: Keys;
  try {
    keys = platformKeys(directory);
    // One that fails must not leave the other one starting.
    const started = await Promise.allSettled([postgres?.start(), kafka?.start()]);
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    await createDatabases(postgres?.url() ?? options.postgres!.url, options.postgres?.prefix ?? '');
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  const dependencies = {
    brokers: options.brokers ?? kafka!.brokers,
    databaseUrl,
    blobFolder: join(directory, 'blobs'),
    incomingFolder: join(directory, 'incoming'),
    keys,
  };
  const destroy = async () => {
    await stop();
    await postgres?.destroy();
    rmSync(directory, { recursive: true, force: true });
  };
  return { dependencies, stop, destroy };
}

async function createDatabases(adminUrl: string, prefix: string): Promise<void> {
  const client = new Client(adminUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const there = new Set(rows.map(({ datname }) => datname));
    for (const name of databases.map((one) => prefix + one)) {
      if (!there.has(name)) await client.query(`create database ${name}`);
    }
  } finally {
    await client.end();
  }
}
