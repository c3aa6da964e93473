import { expect, test } from 'vitest';

import { NoUnprivilegedAccount, postgresAccount } from './account.ts';

const passwd = (...names: string[]) =>
  [
    'root:x:0:0::/root:/bin/sh',
    ...names.map((name, i) => `${name}:x:${i + 5}:${i + 6}::/:/bin/false`),
  ].join('\n');

test('a user other than root runs PostgreSQL under their own account', () => {
  expect(postgresAccount(1000, () => passwd('postgres'))).toBeUndefined();
});

test('root uses the postgres account if it exists', () => {
  expect(postgresAccount(0, () => passwd('nobody', 'postgres'))).toEqual({
    name: 'postgres',
    uid: 6,
    gid: 7,
  });
});

test('root uses the account nobody if no better one exists', () => {
  expect(postgresAccount(0, () => passwd('nobody'))?.name).toBe('nobody');
});

test('an account with the user id 0 is not used', () => {
  expect(() => postgresAccount(0, () => 'nobody:x:0:0::/:/bin/sh')).toThrow(NoUnprivilegedAccount);
});
