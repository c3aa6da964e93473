import { expect, test } from 'vitest';
import { z } from 'zod';

import { readConfig, settings } from './config.ts';

const Schema = z.object({ KAFKA_BROKERS: settings.brokers, PORT: settings.port.default(3001) });

test('every missing or invalid variable is named', () => {
  expect(() => readConfig(Schema, { PORT: 'eighty' })).toThrow(
    /KAFKA_BROKERS: is needed[^]*PORT: /,
  );
});

test('an empty variable counts as missing', () => {
  expect(readConfig(Schema, { KAFKA_BROKERS: 'a:1,b:2', PORT: '' })).toEqual({
    KAFKA_BROKERS: ['a:1', 'b:2'],
    PORT: 3001,
  });
});

test('a key that is too short is refused', () => {
  expect(() => readConfig(z.object({ PEPPER: settings.key }), { PEPPER: 'c2hvcnQ=' })).toThrow(
    /PEPPER: must be at least 32 bytes/,
  );
});

test('a service listens on this machine only, unless another address is configured', () => {
  const schema = z.object({ LISTEN_HOST: settings.listenHost });
  expect(readConfig(schema, {})).toEqual({ LISTEN_HOST: '127.0.0.1' });
  expect(readConfig(schema, { LISTEN_HOST: '::' })).toEqual({ LISTEN_HOST: '::' });
  expect(() => readConfig(schema, { LISTEN_HOST: 'everywhere' })).toThrow(
    /LISTEN_HOST: must be an address/,
  );
});
