import { expect, test } from 'vitest';

import { BrokerEvent, BrokerState } from './broker-state.ts';

const topic = (name: string, id: number) => ({ name, id, partitions: 2, configs: {} });
const committed = (name: string, partition: number, offset: number) => ({
  topic: name,
  partition,
  offset,
  metadata: null,
});
const events: BrokerEvent[] = [
  { type: 'TopicCreated', topic: topic('a', 1) },
  { type: 'TopicCreated', topic: topic('b', 2) },
  { type: 'OffsetsCommitted', group: 'g', offsets: [committed('a', 0, 5), committed('b', 1, 7)] },
  { type: 'OffsetsCommitted', group: 'g', offsets: [committed('a', 0, 6)] },
  { type: 'OffsetsCommitted', group: 'h', offsets: [committed('a', 0, 1)] },
  { type: 'GroupDeleted', group: 'h' },
  { type: 'TopicDeleted', name: 'b' },
  { type: 'ProducerIdsReserved', upTo: 2000 },
];
const stateAfter = (history: BrokerEvent[]) => {
  const state = new BrokerState();
  for (const event of history) state.apply(BrokerEvent.parse(JSON.parse(JSON.stringify(event))));
  return state;
};

test('the last commit of a group counts, and commits for deleted topics and groups are removed', () => {
  const state = stateAfter(events);
  expect(state.committedBy('g')).toEqual([committed('a', 0, 6)]);
  expect(state.groupsWithOffsets()).toEqual(['g']);
});

test('the snapshot of a state restores the same state', () => {
  const state = stateAfter(events);
  expect(stateAfter(state.snapshot())).toEqual(state);
});

test('the id of a deleted topic is not used again, even after a snapshot', () => {
  const state = stateAfter(stateAfter(events).snapshot());
  expect(state.topics.has('b')).toBe(false);
  expect(state.topicIdsUsed).toBe(2);
  expect(state.producerIdsReserved).toBe(2000);
});

test('a commit for a topic that was deleted in the meantime is dropped', () => {
  const state = stateAfter([
    ...events,
    { type: 'OffsetsCommitted', group: 'g', offsets: [committed('b', 0, 1)] },
  ]);
  expect(state.committed('g', 'b', 0)).toBeUndefined();
});
