import { createRequire } from 'node:module';

import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';

import { type ConsumerGroup, FetchControl } from './kafkajs-fetch.ts';

const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup.js') as {
  prototype: ConsumerGroup;
};

const batch = (...rawMessages: object[]) => ({ rawMessages });
type Fetches = () => ReturnType<ConsumerGroup['fetch']>;

/** A group as kafkajs makes it for the consumer of this control, whose fetch is replaced. */
function groupOf(control: FetchControl): ConsumerGroup {
  let cluster: ConsumerGroup['cluster'] | undefined;
  new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }).consumer({
    groupId: 'group',
    partitionAssigners: [
      (config) => {
        cluster = config.cluster as unknown as ConsumerGroup['cluster'];
        return control.assigner(config);
      },
    ],
  });
  return Object.assign(Object.create(prototype) as ConsumerGroup, { cluster, maxWaitTime: 0 });
}

test('kafkajs creates the assigner of a consumer with the cluster that its fetches use, and the cluster has its brokers', () => {
  const { cluster } = groupOf(new FetchControl(() => 1));
  expect(cluster.brokerPool.brokers).toEqual({});
});

test('the fetch of kafkajs is replaced for consumers with a control', async () => {
  const control = new FetchControl(() => 7);
  const group = groupOf(control);
  control.end();
  // The fetch of kafkajs itself would fail on this incomplete group.
  expect(await group.fetch('1')).toEqual([]);
  const without = Object.assign(Object.create(prototype) as ConsumerGroup, { cluster: {} });
  await expect(without.fetch('1')).rejects.toThrow(TypeError);
});

test('each fetch waits as long as the control says, and returns the partitions with records', async () => {
  const waits = [100, 3_000];
  const control = new FetchControl(() => waits.shift()!);
  const group = groupOf(control);
  const seen: number[] = [];
  const send: Fetches = () => {
    seen.push(group.maxWaitTime);
    return Promise.resolve([batch(), batch({}, {}), batch()]);
  };
  expect(await control.fetch(group, send)).toEqual([batch({}, {})]);
  await control.fetch(group, send);
  expect(seen).toEqual([100, 3_000]);
});

test('at the end the waiting fetch returns nothing, its request fails, and no other is sent', async () => {
  const control = new FetchControl(() => 1);
  const group = groupOf(control);
  const request = Promise.withResolvers<never>();
  const connections = [[] as Error[], [] as Error[]];
  group.cluster.brokerPool.brokers = {
    '1': {
      connectionPool: {
        pool: connections.map((rejected) => ({
          requestQueue: {
            rejectAll: (error) => {
              rejected.push(error);
              request.reject(error);
            },
          },
        })),
      },
    },
  };
  const waiting = control.fetch(group, () => request.promise);
  control.end();
  expect(await waiting).toEqual([]);
  expect(connections.map(({ length }) => length)).toEqual([0, 1]);
  const send: Fetches = () => Promise.reject(new Error('not to be sent'));
  expect(await control.fetch(group, send)).toEqual([]);
});
