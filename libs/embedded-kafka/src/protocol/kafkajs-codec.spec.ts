import { createRequire } from 'node:module';

import { describe, expect, test } from 'vitest';

import { apiVersions } from './api-versions.ts';
import type { Api } from './api.ts';
import { createPartitions } from './create-partitions.ts';
import { createTopics } from './create-topics.ts';
import { deleteGroups } from './delete-groups.ts';
import { deleteTopics } from './delete-topics.ts';
import { describeConfigs } from './describe-configs.ts';
import { describeGroups } from './describe-groups.ts';
import { fetch } from './fetch.ts';
import { findCoordinator } from './find-coordinator.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { heartbeat } from './heartbeat.ts';
import { initProducerId } from './init-producer-id.ts';
import { joinGroup } from './join-group.ts';
import { leaveGroup } from './leave-group.ts';
import { listGroups } from './list-groups.ts';
import { listOffsets } from './list-offsets.ts';
import { metadata } from './metadata.ts';
import { offsetCommit } from './offset-commit.ts';
import { offsetFetch } from './offset-fetch.ts';
import { produce } from './produce.ts';
import { syncGroup } from './sync-group.ts';

interface KafkajsRequest {
  encode(): Promise<{ buffer: Buffer }>;
}
interface KafkajsCodec {
  request: (content: object) => KafkajsRequest;
  response: { decode(body: Buffer): Promise<object> };
}
const load = createRequire(import.meta.url);
const kafkajs = (folder: string, version: number): KafkajsCodec => ({
  request: load(`kafkajs/src/protocol/requests/${folder}/v${version}/request.js`),
  response: load(`kafkajs/src/protocol/requests/${folder}/v${version}/response.js`),
});

/** Reads a request that kafkajs encodes; every byte must be read. */
async function read<Request, Response>(
  api: Api<Request, Response>,
  folder: string,
  version: number,
  content: object,
) {
  const { buffer } = await kafkajs(folder, version).request(content).encode();
  const reader = new FrameReader(buffer);
  const request = api.readRequest(reader, version);
  expect(reader.remaining).toBe(0);
  return request;
}

/** Writes a response and decodes it with kafkajs. */
async function decode<Request, Response>(
  api: Api<Request, Response>,
  folder: string,
  version: number,
  response: Response,
) {
  const writer = new FrameWriter();
  api.writeResponse(writer, response, version);
  return kafkajs(folder, version).response.decode(Buffer.concat(writer.finish()));
}

const between = ([lowest, highest]: readonly [number, number], from = lowest, to = highest) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const broker = { nodeId: 1, host: 'localhost', port: 9092 };

describe.each(between(produce.versions))('Produce %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const messages = [{ key: 'k', value: 'v', timestamp: 1 }];
    const topicData = [{ topic: 't', partitions: [{ partition: 2, messages }] }];
    const request = await read(produce, 'produce', version, { acks: -1, timeout: 5, topicData });
    expect(request).toMatchObject({
      acks: -1,
      transactionalId: null,
      topics: [{ name: 't', partitions: [{ index: 2, records: expect.any(Buffer) }] }],
    });
    const partitions = [{ index: 2, error: 0 as const, baseOffset: 7, logStartOffset: 3 }];
    const response = await decode(produce, 'produce', version, {
      topics: [{ name: 't', partitions }],
    });
    const decoded = { partition: 2, errorCode: 0, baseOffset: '7', logAppendTime: '-1' };
    expect(response).toMatchObject({
      topics: [
        {
          topicName: 't',
          partitions: [version >= 5 ? { ...decoded, logStartOffset: '3' } : decoded],
        },
      ],
    });
  });
});

describe.each(between(fetch.versions))('Fetch %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const partitions = [{ partition: 1, fetchOffset: '42', maxBytes: 100, currentLeaderEpoch: 0 }];
    const content = {
      replicaId: -1,
      isolationLevel: 1,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: 1000,
      rackId: '',
      topics: [{ topic: 't', partitions }],
    };
    const { buffer } = await kafkajs('fetch', version).request(content).encode();
    const reader = new FrameReader(buffer);
    expect(fetch.readRequest(reader, version)).toEqual({
      maxWait: 500,
      minBytes: 1,
      maxBytes: 1000,
      topics: [{ name: 't', partitions: [{ index: 1, offset: 42, maxBytes: 100 }] }],
    });
    const response = await decode(fetch, 'fetch', version, {
      topics: [
        {
          name: 't',
          partitions: [
            {
              index: 1,
              error: 0,
              highWatermark: 50,
              logStartOffset: 5,
              records: Buffer.alloc(0),
            },
          ],
        },
      ],
    });
    expect(response).toMatchObject({
      responses: [
        {
          topicName: 't',
          partitions: [{ partition: 1, errorCode: 0, highWatermark: '50', lastStableOffset: '50' }],
        },
      ],
    });
  });
});

describe.each(between(listOffsets.versions))('ListOffsets %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const topics = [{ topic: 't', partitions: [{ partition: 1, timestamp: -2 }] }];
    const content = { replicaId: -1, isolationLevel: 0, topics };
    expect(await read(listOffsets, 'listOffsets', version, content)).toEqual({
      topics: [{ name: 't', partitions: [{ index: 1, timestamp: -2 }] }],
    });
    const partitions = [{ index: 1, error: 0 as const, timestamp: 9, offset: 8 }];
    expect(
      await decode(listOffsets, 'listOffsets', version, { topics: [{ name: 't', partitions }] }),
    ).toMatchObject({
      responses: [{ topic: 't', partitions: [{ partition: 1, timestamp: '9', offset: '8' }] }],
    });
  });
});

describe.each(between(metadata.versions))('Metadata %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const content = { topics: ['a', 'b'], allowAutoTopicCreation: false };
    expect(await read(metadata, 'metadata', version, content)).toEqual({
      topics: ['a', 'b'],
      mayCreate: version < 4,
    });
    const topics = [{ error: 0 as const, name: 'a', partitions: 2 }];
    const response = await decode(metadata, 'metadata', version, {
      broker,
      clusterId: 'here',
      topics,
    });
    expect(response).toMatchObject({
      brokers: [broker],
      topicMetadata: [
        {
          topic: 'a',
          partitionMetadata: [
            { partitionId: 0, leader: 1, replicas: [1], isr: [1] },
            { partitionId: 1, leader: 1, replicas: [1], isr: [1] },
          ],
        },
      ],
    });
  });
});

test('Metadata 0 requests all topics with an empty list, later versions with null', () => {
  const none = Buffer.from('00000000', 'hex');
  expect(metadata.readRequest(new FrameReader(none), 0).topics).toBeNull();
  expect(metadata.readRequest(new FrameReader(none), 1).topics).toEqual([]);
});

describe.each(between(offsetCommit.versions, 2, 5))('OffsetCommit %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const content = {
      groupId: 'g',
      groupGenerationId: 3,
      memberId: 'm',
      retentionTime: -1,
      topics: [{ topic: 't', partitions: [{ partition: 1, offset: '12', metadata: 'note' }] }],
    };
    expect(await read(offsetCommit, 'offsetCommit', version, content)).toEqual({
      groupId: 'g',
      generation: 3,
      memberId: 'm',
      topics: [{ name: 't', partitions: [{ index: 1, offset: 12, metadata: 'note' }] }],
    });
    const topics = [{ name: 't', partitions: [{ index: 1, error: 25 as const }] }];
    expect(await decode(offsetCommit, 'offsetCommit', version, { topics })).toMatchObject({
      responses: [{ topic: 't', partitions: [{ partition: 1, errorCode: 25 }] }],
    });
  });
});

describe.each(between(offsetFetch.versions, 1, 4))('OffsetFetch %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const content = { groupId: 'g', topics: [{ topic: 't', partitions: [{ partition: 4 }] }] };
    expect(await read(offsetFetch, 'offsetFetch', version, content)).toEqual({
      groupId: 'g',
      topics: [{ name: 't', partitions: [4] }],
    });
    const partitions = [{ index: 4, offset: 12, metadata: null }];
    const response = { error: 0 as const, topics: [{ name: 't', partitions }] };
    expect(await decode(offsetFetch, 'offsetFetch', version, response)).toMatchObject({
      responses: [{ topic: 't', partitions: [{ partition: 4, offset: '12', metadata: '' }] }],
    });
  });
});

describe.each(between(findCoordinator.versions, 0, 2))('FindCoordinator %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const content = { groupId: 'g', coordinatorKey: 'g', coordinatorType: 0 };
    expect(await read(findCoordinator, 'findCoordinator', version, content)).toEqual({
      key: 'g',
      keyType: 0,
    });
    const response = { error: 0 as const, message: null, coordinator: broker };
    expect(await decode(findCoordinator, 'findCoordinator', version, response)).toMatchObject({
      errorCode: 0,
      coordinator: broker,
    });
  });
});

describe.each(between(joinGroup.versions))('JoinGroup %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const content = {
      groupId: 'g',
      sessionTimeout: 30,
      rebalanceTimeout: 60,
      memberId: 'm',
      protocolType: 'consumer',
      groupProtocols: [{ name: 'range', metadata: Buffer.from('topics') }],
    };
    expect(await read(joinGroup, 'joinGroup', version, content)).toEqual({
      groupId: 'g',
      sessionTimeout: 30,
      rebalanceTimeout: version === 0 ? 30 : 60,
      memberId: 'm',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('topics') }],
      understandsMemberIdRequired: version >= 4,
    });
    const response = await decode(joinGroup, 'joinGroup', version, {
      error: 0,
      generation: 2,
      protocol: 'range',
      leaderId: 'm',
      memberId: 'm',
      members: [{ memberId: 'm', metadata: Buffer.from('topics') }],
    });
    expect(response).toMatchObject({
      errorCode: 0,
      generationId: 2,
      groupProtocol: 'range',
      leaderId: 'm',
      memberId: 'm',
      members: [{ memberId: 'm', memberMetadata: Buffer.from('topics') }],
    });
  });
});

describe.each(between(syncGroup.versions))('SyncGroup %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const groupAssignment = [{ memberId: 'm', memberAssignment: Buffer.from('mine') }];
    const content = { groupId: 'g', generationId: 2, memberId: 'm', groupAssignment };
    expect(await read(syncGroup, 'syncGroup', version, content)).toEqual({
      groupId: 'g',
      generation: 2,
      memberId: 'm',
      assignments: [{ memberId: 'm', assignment: Buffer.from('mine') }],
    });
    const response = { error: 0 as const, assignment: Buffer.from('mine') };
    expect(await decode(syncGroup, 'syncGroup', version, response)).toMatchObject({
      errorCode: 0,
      memberAssignment: Buffer.from('mine'),
    });
  });
});

describe.each(between(heartbeat.versions))('Heartbeat and LeaveGroup %i', (version) => {
  test('have the encoding of kafkajs', async () => {
    const beat = { groupId: 'g', groupGenerationId: 2, memberId: 'm' };
    expect(await read(heartbeat, 'heartbeat', version, beat)).toEqual({
      groupId: 'g',
      generation: 2,
      memberId: 'm',
    });
    expect(await decode(heartbeat, 'heartbeat', version, { error: 27 })).toMatchObject({
      errorCode: 27,
    });
    const leave = { groupId: 'g', memberId: 'm' };
    expect(await read(leaveGroup, 'leaveGroup', version, leave)).toEqual(leave);
    expect(await decode(leaveGroup, 'leaveGroup', version, { error: 25 })).toMatchObject({
      errorCode: 25,
    });
  });
});

describe.each(between(describeGroups.versions))('DescribeGroups and ListGroups %i', (version) => {
  test('have the encoding of kafkajs', async () => {
    const request = await read(describeGroups, 'describeGroups', version, { groupIds: ['g'] });
    expect(request).toEqual({ groupIds: ['g'] });
    const member = {
      memberId: 'm',
      clientId: 'c',
      clientHost: '/127.0.0.1',
      metadata: Buffer.from('topics'),
      assignment: Buffer.from('mine'),
    };
    const group = {
      error: 0 as const,
      groupId: 'g',
      state: 'Stable',
      protocolType: 'consumer',
      protocol: 'range',
      members: [member],
    };
    const described = await decode(describeGroups, 'describeGroups', version, { groups: [group] });
    expect(described).toMatchObject({
      groups: [
        {
          errorCode: 0,
          groupId: 'g',
          state: 'Stable',
          members: [
            {
              memberId: 'm',
              clientId: 'c',
              memberMetadata: Buffer.from('topics'),
              memberAssignment: Buffer.from('mine'),
            },
          ],
        },
      ],
    });
    await read(listGroups, 'listGroups', version, {});
    const groups = [{ groupId: 'g', protocolType: 'consumer' }];
    expect(await decode(listGroups, 'listGroups', version, { error: 0, groups })).toMatchObject({
      errorCode: 0,
      groups,
    });
  });
});

describe.each(between(deleteGroups.versions))('DeleteGroups %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const request = await read(deleteGroups, 'deleteGroups', version, ['g']);
    expect(request).toEqual({ groupIds: ['g'] });
    const groups = [{ groupId: 'g', error: 69 as const }];
    expect(await decode(deleteGroups, 'deleteGroups', version, { groups })).toMatchObject({
      results: [{ groupId: 'g', errorCode: 69 }],
    });
  });
});

describe.each(between(createTopics.versions))('CreateTopics %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
    const topic = { topic: 't', numPartitions: 3, replicationFactor: 1, configEntries };
    const content = { topics: [topic], validateOnly: true, timeout: 5 };
    expect(await read(createTopics, 'createTopics', version, content)).toEqual({
      topics: [
        {
          name: 't',
          partitions: 3,
          replicationFactor: 1,
          assignments: [],
          configs: configEntries,
        },
      ],
      validateOnly: version >= 1,
    });
    const topics = [{ name: 't', error: 36 as const, message: 'there already' }];
    expect(await decode(createTopics, 'createTopics', version, { topics })).toMatchObject({
      topicErrors: [{ topic: 't', errorCode: 36 }],
    });
  });
});

describe.each(between(deleteTopics.versions))('DeleteTopics and CreatePartitions %i', (version) => {
  test('have the encoding of kafkajs', async () => {
    const content = { topics: ['t'], timeout: 5 };
    expect(await read(deleteTopics, 'deleteTopics', version, content)).toEqual({ names: ['t'] });
    const topics = [{ name: 't', error: 3 as const }];
    expect(await decode(deleteTopics, 'deleteTopics', version, { topics })).toMatchObject({
      topicErrors: [{ topic: 't', errorCode: 3 }],
    });
    const topicPartitions = [{ topic: 't', count: 9, assignments: [[1], [1]] }];
    expect(await read(createPartitions, 'createPartitions', version, { topicPartitions })).toEqual({
      topics: [{ name: 't', count: 9 }],
    });
    const refused = [{ name: 't', error: 44 as const, message: 'no' }];
    expect(
      await decode(createPartitions, 'createPartitions', version, { topics: refused }),
    ).toMatchObject({ topicErrors: [{ topic: 't', errorCode: 44, errorMessage: 'no' }] });
  });
});

describe.each(between(initProducerId.versions))('InitProducerId %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const content = { transactionalId: 'x', transactionTimeout: 5 };
    expect(await read(initProducerId, 'initProducerId', version, content)).toEqual({
      transactionalId: 'x',
    });
    const response = { error: 0 as const, producerId: 12, epoch: 0 };
    expect(await decode(initProducerId, 'initProducerId', version, response)).toMatchObject({
      errorCode: 0,
      producerId: '12',
      producerEpoch: 0,
    });
  });
});

describe.each(between(describeConfigs.versions))('DescribeConfigs %i', (version) => {
  test('has the encoding of kafkajs', async () => {
    const resource = { type: 2, name: 't', configNames: ['retention.ms'] };
    const content = { resources: [resource], includeSynonyms: false };
    expect(await read(describeConfigs, 'describeConfigs', version, content)).toEqual({
      resources: [resource],
    });
    const configs = [{ name: 'retention.ms', value: '5', source: 1, readOnly: true }];
    const response = await decode(describeConfigs, 'describeConfigs', version, {
      resources: [{ error: 0, message: null, type: 2, name: 't', configs }],
    });
    expect(response).toMatchObject({
      resources: [
        {
          errorCode: 0,
          resourceName: 't',
          configEntries: [{ configName: 'retention.ms', configValue: '5', readOnly: true }],
        },
      ],
    });
  });
});

describe.each(between(apiVersions.versions, 0, 2))('ApiVersions %i', (version) => {
  test('has the response encoding of kafkajs', async () => {
    const apis = [{ key: 3, versions: [0, 6] as const }];
    expect(await decode(apiVersions, 'apiVersions', version, { error: 0, apis })).toMatchObject({
      errorCode: 0,
      apiVersions: [{ apiKey: 3, minVersion: 0, maxVersion: 6 }],
    });
  });
});

test('ApiVersions 3 has a flexible response', () => {
  const writer = new FrameWriter();
  const apis = [{ key: 3, versions: [0, 6] as const }];
  apiVersions.writeResponse(writer, { error: 0, apis }, 3);
  // error, compact array of one (count + 1), key, lowest, highest, no tags; throttle time, no tags
  expect(Buffer.concat(writer.finish()).toString('hex')).toBe(
    '0000 02 000300000006 00 00000000 00'.replaceAll(' ', ''),
  );
});
