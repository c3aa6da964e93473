import { expect, test } from 'vitest';

import { NoUnprivilegedAccount, postgresAccount } from './account.ts';

const passwd = (...names: string[]) =>
  [
    'root:x:0:0::/root:/bin/sh',
    ...names.map((name, i) => `${name}:x:${i + 5}:${i + 6}::/:/bin/false`),
  ].join('\n');

test('somebody who is not root runs PostgreSQL as themselves', () => {
  expect(postgresAccount(1000, () => passwd('postgres'))).toBeUndefined();
});

test('root hands over to the postgres account where there is one', () => {
  expect(postgresAccount(0, () => passwd('nobody', 'postgres'))).toEqual({
    name: 'postgres',
    uid: 6,
    gid: 7,
  });
});

test('root hands over to nobody where there is no better account', () => {
  expect(postgresAccount(0, () => passwd('nobody'))?.name).toBe('nobody');
});

test('an account that is root under another name is not taken', () => {
  expect(() => postgresAccount(0, () => 'nobody:x:0:0::/:/bin/sh')).toThrow(NoUnprivilegedAccount);
});
