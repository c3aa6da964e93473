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
  /** Stops, and deletes all data. */
  destroy(): Promise<void>;
}

export interface InfrastructureOptions {
  /** The data folder. */
  directory: string;
  /** Brokers to use instead of the embedded one. */
  brokers?: string;
  /** A PostgreSQL server to use instead of the embedded one: the URL of its administrator, and a prefix for the names of databases. */
  postgres?: { url: string; prefix: string };
  /** Ports of the embedded broker and database; 0, the default, takes free ones. */
  ports?: { kafka: number; postgres: number };
}

/**
 * Starts the infrastructure of the services: PostgreSQL with a database for each service, a Kafka broker, a folder for blobs, keys.
 * @throws FolderInUse before anything is changed, while another process uses the directory
 */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const directory = resolve(options.directory);
  // Locked before anything else: a second platform in this folder would connect to the running database, and stop it at its end.
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
    // Both have settled before a failure is thrown, so that neither is still starting when both are stopped.
    const started = await Promise.allSettled([postgres?.start(), kafka?.start()]);
    for (const result of started) if (result.status === 'rejected') throw result.reason;
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
    const existing = new Set(rows.map(({ datname }) => datname));
    for (const name of databases.map((one) => prefix + one)) {
      if (!existing.has(name)) await client.query(`create database ${name}`);
    }
  } finally {
    await client.end();
  }
}
