import { expect, test } from 'vitest';

import { EmbeddedKafka } from './embedded-kafka.ts';
import { OptionInvalid, type EmbeddedKafkaOptions } from './options.ts';

test.each<[keyof EmbeddedKafkaOptions, unknown]>([
  ['directory', ''],
  ['directory', undefined],
  ['host', ''],
  ['port', -1],
  ['port', 65_536],
  ['port', Number.NaN],
  ['defaultPartitions', 0],
  ['defaultPartitions', 2.5],
  ['autoCreateTopics', 'yes'],
  ['maxBatchBytes', 10],
])('%s cannot be %s, and the error names the option', (name, value) => {
  const options = { directory: '/data', [name]: value } as EmbeddedKafkaOptions;
  expect(() => new EmbeddedKafka(options)).toThrow(OptionInvalid);
  expect(() => new EmbeddedKafka(options)).toThrow(name);
});

test('before its start a broker has the configured port', () => {
  expect(new EmbeddedKafka({ directory: '/data', port: 9092 }).brokers).toBe('127.0.0.1:9092');
  expect(new EmbeddedKafka({ directory: '/data', host: '::1', port: 1 }).brokers).toBe('[::1]:1');
});
