import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { testFolder } from '@casewire/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { readConfig } from './config.ts';
import { kafkaAccess, kafkaSettings } from './kafka-access.ts';

const folder = testFolder('kafka-access');
const access = (env: Record<string, string>) =>
  kafkaAccess(
    readConfig(z.object(kafkaSettings), { KAFKA_BROKERS: 'one:9092,two:9093', ...env }),
    'cases',
  );
const pem = (name: string) => {
  const path = join(folder, name);
  writeFileSync(path, `-- ${name}`);
  return path;
};

test('without TLS and SASL only the brokers and the client’s name are set', () => {
  expect(access({})).toEqual({ brokers: ['one:9092', 'two:9093'], clientId: 'cases' });
});

test('TLS trusts the system’s authorities, or those of a file', () => {
  expect(access({ KAFKA_TLS: 'true' }).ssl).toEqual({});
  expect(access({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: pem('ca.pem') }).ssl).toEqual({
    ca: ['-- ca.pem'],
  });
});

test('a client certificate is sent with its key', () => {
  const env = {
    KAFKA_TLS: 'true',
    KAFKA_TLS_CERT_FILE: pem('c.pem'),
    KAFKA_TLS_KEY_FILE: pem('k'),
  };
  expect(access(env).ssl).toEqual({ cert: '-- c.pem', key: '-- k' });
});

test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
  'SASL with %s has user name and password',
  (name) => {
    const sasl = {
      KAFKA_SASL_MECHANISM: name,
      KAFKA_SASL_USERNAME: 'casewire',
      KAFKA_SASL_PASSWORD: 'secret',
    };
    expect(access(sasl).sasl).toEqual({
      mechanism: name,
      username: 'casewire',
      password: 'secret',
    });
  },
);

test.each<[string, Record<string, string>, RegExp]>([
  ['an unknown mechanism', { KAFKA_SASL_MECHANISM: 'gssapi' }, /KAFKA_SASL_MECHANISM/],
  ['neither true nor false', { KAFKA_TLS: 'yes' }, /KAFKA_TLS/],
  [
    'no credentials',
    { KAFKA_SASL_MECHANISM: 'plain' },
    /KAFKA_SASL_USERNAME.*\n.*KAFKA_SASL_PASSWORD/,
  ],
  [
    'a password without a mechanism',
    { KAFKA_SASL_PASSWORD: 'x' },
    /KAFKA_SASL_PASSWORD: has no effect/,
  ],
  [
    'an authority without TLS',
    { KAFKA_TLS_CA_FILE: '/ca.pem' },
    /KAFKA_TLS_CA_FILE: has no effect/,
  ],
  [
    'a file that is not there',
    { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '/not/there.pem' },
    /KAFKA_TLS_CA_FILE: cannot be read: ENOENT/,
  ],
  [
    'a certificate without its key',
    { KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: pem('alone.pem') },
    /KAFKA_TLS_CERT_FILE: needs KAFKA_TLS_KEY_FILE/,
  ],
])('%s is refused with the name of the variable', (_, env, message) => {
  expect(() => access(env)).toThrow(message);
});
