import { expect, test } from 'vitest';

import { ErrorCode } from '../protocol/error-code.ts';
import {
  acceptTopicConfigs,
  acceptTopicName,
  describeTopicConfigs,
  retentionOf,
} from './topic-config.ts';

const refused = (errorCode: ErrorCode, message: string) =>
  expect.objectContaining({ errorCode, message: expect.stringContaining(message) });

test('settings of Apache Kafka are accepted', () => {
  const configs = [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'retention.ms', value: '604800000' },
    { name: 'min.insync.replicas', value: null },
  ];
  expect(acceptTopicConfigs(configs)).toEqual({
    'cleanup.policy': 'compact',
    'retention.ms': '604800000',
  });
});

test.each([
  ['made.up', '1'],
  ['constructor', '1'],
  ['cleanup.policy', 'sometimes'],
  ['retention.ms', 'a week'],
  ['retention.ms', '-2'],
  ['min.insync.replicas', '2'],
  ['message.timestamp.type', 'LogAppendTime'],
])('%s = %s is refused, and the error names the setting', (name, value) => {
  expect(() => acceptTopicConfigs([{ name, value }])).toThrow(
    refused(ErrorCode.invalidConfig, name),
  );
});

test.each(['', '.', '..', 'a b', 'a/b', 'ä', 'x'.repeat(250)])(
  'a topic cannot be called "%s"',
  (name) => {
    expect(() => acceptTopicName(name)).toThrow(refused(ErrorCode.invalidTopic, '249'));
  },
);

test('records are kept for a week by default, and for ever if the topic is only compacted', () => {
  const week = 7 * 24 * 60 * 60 * 1000;
  expect(retentionOf({})).toEqual({ ms: week, bytes: Infinity });
  expect(retentionOf({ 'retention.ms': '-1', 'retention.bytes': '10' })).toEqual({
    ms: Infinity,
    bytes: 10,
  });
  expect(retentionOf({ 'cleanup.policy': 'compact', 'retention.ms': '1' })).toEqual({
    ms: Infinity,
    bytes: Infinity,
  });
  expect(retentionOf({ 'cleanup.policy': 'compact,delete', 'retention.ms': '1' }).ms).toBe(1);
});

test('every setting is described, with its source', () => {
  const described = describeTopicConfigs({ 'retention.ms': '5' }, 2048);
  expect(described).toContainEqual({ name: 'retention.ms', value: '5', given: true });
  expect(described).toContainEqual({ name: 'cleanup.policy', value: 'delete', given: false });
  expect(described).toContainEqual({ name: 'max.message.bytes', value: '2048', given: false });
});
