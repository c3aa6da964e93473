import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { OperatorClient } from '@casewire/client';
import { Scope } from '@casewire/contracts';
import { developmentAccount, startPlatform, type Platform } from '@casewire/standalone';
import { testFolder } from '@casewire/testing';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';

const olderFolder = testFolder('older-data-folder');
const accountFolder = testFolder('older-account');
const postgresUrl = inject('postgresUrl');

async function withPlatform<T>(
  directory: string,
  prefix: string,
  work: (platform: Platform) => Promise<T>,
): Promise<T> {
  const postgres = { url: postgresUrl, prefix };
  const env = { LOG_LEVEL: 'error' };
  const platform = await startPlatform({ directory, postgres, stages: [], env });
  try {
    return await work(platform);
  } finally {
    await platform.stop();
  }
}

async function dropDatabase(name: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(`drop database ${name}`);
  } finally {
    await client.end();
  }
}

const account = ({ url, operatorKey }: Platform, directory: string) =>
  developmentAccount(url, operatorKey, directory);

const writeAccount = (directory: string, content: object) =>
  writeFileSync(join(directory, 'development-account.json'), JSON.stringify(content));

test('a data folder whose databases are those of an earlier version starts with the one that is missing, and keeps its organization', async () => {
  const directory = olderFolder;
  const prefix = `o${randomUUID().slice(0, 8)}_`;
  const before = await withPlatform(directory, prefix, (platform) => account(platform, directory));
  await dropDatabase(`${prefix}casewire_orders`);
  await withPlatform(directory, prefix, async (platform) => {
    expect(await account(platform, directory)).toEqual(before);
    const document = await fetch(`${platform.url}/orders/v1/openapi.json`);
    expect(document.status).toBe(200);
  });
}, 120_000);

test('a development key of an earlier version gets a successor with every scope, and stays valid', async () => {
  const directory = accountFolder;
  const prefix = `o${randomUUID().slice(0, 8)}_`;
  await withPlatform(directory, prefix, async (platform) => {
    const { organizationId } = await account(platform, directory);
    const operator = new OperatorClient(platform.url, platform.operatorKey);
    const older = await operator.createApiKey(organizationId, {
      environment: 'sandbox',
      scopes: Scope.options.filter((scope) => !scope.startsWith('orders:')),
    });
    writeAccount(directory, { organizationId, apiKey: older.key });
    const after = await account(platform, directory);
    expect(after.organizationId).toBe(organizationId);
    expect(after.apiKey).not.toBe(older.key);
    const { items } = await operator.apiKeys(organizationId);
    expect(items.map(({ id }) => id)).toContain(older.id);
    expect(items.find(({ id }) => after.apiKey.includes(id))?.scopes).toEqual(Scope.options);
    expect(await account(platform, directory)).toEqual(after);
  });
}, 120_000);
