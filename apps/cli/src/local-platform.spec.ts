import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { withLocalPlatform } from './local-platform.ts';

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'casewire-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test.each([
  ['CASES_DATABASE_URL', 'casewire_cases'],
  ['DELIVERY_DATABASE_URL', 'casewire_delivery'],
  ['ORDERS_DATABASE_URL', 'casewire_orders'],
] as const)(
  'without %s the database of the platform on this machine is found in its data folder',
  (variable, name) => {
    const CASEWIRE_DIRECTORY = dataFolder();
    const databases = {
      casewire_cases: 'postgres://u:p@127.0.0.1:54329/casewire_cases',
      casewire_delivery: 'postgres://u:p@127.0.0.1:54329/casewire_delivery',
      casewire_orders: 'postgres://u:p@127.0.0.1:54329/casewire_orders',
    };
    writeFileSync(join(CASEWIRE_DIRECTORY, 'connections.json'), JSON.stringify({ databases }));
    expect(withLocalPlatform({ CASEWIRE_DIRECTORY }, variable)).toEqual({
      CASEWIRE_DIRECTORY,
      [variable]: databases[name],
    });
  },
);

test('a variable that is set has precedence, and without a platform nothing is added', () => {
  const given = { CASEWIRE_DIRECTORY: dataFolder(), DELIVERY_DATABASE_URL: 'postgres://x/y' };
  writeFileSync(join(given.CASEWIRE_DIRECTORY, 'connections.json'), 'not read');
  expect(withLocalPlatform(given, 'DELIVERY_DATABASE_URL')).toEqual(given);
  const older = { CASEWIRE_DIRECTORY: dataFolder() };
  writeFileSync(join(older.CASEWIRE_DIRECTORY, 'connections.json'), '{"databases":{}}');
  expect(withLocalPlatform(older, 'ORDERS_DATABASE_URL')).toEqual(older);
  const without = { CASEWIRE_DIRECTORY: dataFolder() };
  expect(withLocalPlatform(without, 'DELIVERY_DATABASE_URL')).toEqual(without);
});
