import { expect, test } from 'vitest';

import {
  casewireEvents,
  EventHeaders,
  Metadata,
  SubmitCase,
  Topics,
  topicSettings,
} from './index.ts';

test('a submission without fields asks for classification', () => {
  expect(SubmitCase.parse({})).toMatchObject({
    classify: true,
    metadata: {},
  });
});

test('a submission with an unknown field is refused', () => {
  expect(SubmitCase.safeParse({ feature: ['extraction'] }).success).toBe(false);
});

test.each([[{ a: [1] }], [{ a: null }], [{ '': 1 }]])('metadata %j is refused', (metadata) => {
  expect(Metadata.safeParse(metadata).success).toBe(false);
});

test('every topic has settings, and those with reference data have one partition and are compacted', () => {
  expect(topicSettings.map(({ topic }) => topic).toSorted()).toEqual(
    Object.values(Topics).toSorted(),
  );
  for (const { topic, partitions, compacted } of topicSettings) {
    const isReference = /^(registry|catalog)\./.test(topic);
    expect([partitions === 1, compacted === true]).toEqual([isReference, isReference]);
  }
});

test('two terminal events stand in the catalog for each of the four stages', () => {
  const terminal = [...casewireEvents.keys()].filter((name) =>
    /^case\.\w+\.(completed|failed)$/.test(name),
  );
  const ofStages = terminal.filter((name) => !name.startsWith('case.refresh.'));
  expect(ofStages).toHaveLength(8);
});

test('the headers of an event need an organization and an environment', () => {
  const headers = {
    ce_specversion: '1.0',
    ce_id: '1',
    ce_source: '/cases',
    ce_type: 'case.completed',
    ce_time: '2026-01-01T00:00:00Z',
    'content-type': 'application/json; charset=utf-8',
    ce_organization: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
    ce_environment: 'sandbox',
  };
  expect(EventHeaders.safeParse(headers).success).toBe(true);
  const { ce_organization: _, ...without } = headers;
  expect(EventHeaders.safeParse(without).error?.issues[0]?.path).toEqual(['ce_organization']);
});
