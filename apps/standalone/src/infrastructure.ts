import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { EmbeddedPostgres } from '@casewire/embedded-postgres';
import { Client } from 'pg';

import { platformKeys } from './keys.ts';
import { databases, type ServiceSurroundings } from './service-env.ts';

export interface Infrastructure {
  readonly surroundings: ServiceSurroundings;
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
}

/** Starts what the services stand on: PostgreSQL with a database for each, a Kafka broker, a folder for blobs, keys. */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const keys = platformKeys(directory);
  const postgres = options.postgres
    ? undefined
    : new EmbeddedPostgres({ directory: join(directory, 'postgres') });
  const kafka = options.brokers
    ? undefined
    : new EmbeddedKafka({ directory: join(directory, 'kafka') });
  const stop = async () => {
    await kafka?.stop();
    await postgres?.stop();
  };
  const databaseUrl = (name: string) => {
    if (postgres) return postgres.url(name);
    const url = new URL(options.postgres!.url);
    url.pathname = options.postgres!.prefix + name;
    return url.toString();
  };
  try {
    await Promise.all([postgres?.start(), kafka?.start()]);
    await createDatabases(postgres?.url() ?? options.postgres!.url, options.postgres?.prefix ?? '');
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  const surroundings = {
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
  return { surroundings, stop, destroy };
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
