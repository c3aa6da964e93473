import { join as joinPath } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { FaultyDisk } from '../../test/faulty-disk.ts';
import { ManualClock } from '../../test/manual-clock.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { BrokerState } from '../catalog/broker-state.ts';
import { Journal } from '../catalog/journal.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { JoinGroupRequest } from '../protocol/join-group.ts';
import { GroupCoordinator } from './group-coordinator.ts';

async function newCoordinator() {
  const disk = new FaultyDisk();
  const folder = await temporaryFolder(onTestFinished);
  onTestFinished(() => disk.abandon());
  const clock = new ManualClock();
  const open = async () => {
    const state = new BrokerState();
    const journal = await Journal.open(disk, joinPath(folder, 'journal'), state);
    let ids = 0;
    const settings = {
      clock,
      newId: () => String(++ids),
      initialRebalanceDelay: 50,
      maxMembers: 9,
    };
    return { journal, groups: new GroupCoordinator(state, journal, settings) };
  };
  const { journal, groups } = await open();
  const topic = { name: 't', id: 1, partitions: 1, configs: {} };
  await journal.record({ type: 'TopicCreated', topic });
  return { disk, clock, open, groups };
}

const request = (changes: Partial<JoinGroupRequest> = {}): JoinGroupRequest => ({
  groupId: 'g',
  memberId: '',
  sessionTimeout: 1000,
  rebalanceTimeout: 1000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  understandsMemberIdRequired: false,
  ...changes,
});
const client = { id: 'c', host: '' };
const offset = { topic: 't', partition: 0, offset: 12, metadata: 'note' };

test('committed offsets survive a crash, the members do not', async () => {
  const { groups, clock, open } = await newCoordinator();
  const joining = groups.join(request(), client);
  clock.advance(50);
  const { memberId, generation } = await joining;
  await groups.commit('g', [offset]);
  const reopened = (await open()).groups;
  expect(reopened.committed('g', 't', 0)).toEqual(offset);
  expect(reopened.heartbeat({ groupId: 'g', memberId, generation })).toBe(
    ErrorCode.unknownMemberId,
  );
  expect(reopened.checkCommit('g', memberId, generation)).toBe(ErrorCode.illegalGeneration);
  expect(reopened.describe('g').state).toBe('Empty');
});

test('a commit that cannot be written has no effect', async () => {
  const { groups, disk } = await newCoordinator();
  disk.fail('write', 'ENOSPC');
  await expect(groups.commit('g', [offset])).rejects.toMatchObject({
    code: 'KAFKA_JOURNAL_UNAVAILABLE',
  });
  expect(groups.committed('g', 't', 0)).toBeUndefined();
});

test.each([
  ['no group id', { groupId: '' }, ErrorCode.invalidGroupId],
  ['a session timeout of 0', { sessionTimeout: 0 }, ErrorCode.invalidSessionTimeout],
  ['a session timeout of a day', { sessionTimeout: 86_400_000 }, ErrorCode.invalidSessionTimeout],
  ['an id from before a restart', { memberId: 'old' }, ErrorCode.unknownMemberId],
])('a join with %s is refused and creates no group', async (_, changes, error) => {
  const { groups } = await newCoordinator();
  expect(await groups.join(request(changes), client)).toMatchObject({ error });
  expect(groups.list()).toEqual([]);
});

test('a group is listed while it has members or offsets, and is described as dead otherwise', async () => {
  const { groups, clock } = await newCoordinator();
  expect(groups.describe('g').state).toBe('Dead');
  const joining = groups.join(request(), client);
  expect(groups.list()).toEqual([{ groupId: 'g', protocolType: 'consumer' }]);
  clock.advance(50);
  const { memberId } = await joining;
  expect(groups.describe('g').state).toBe('CompletingRebalance');
  groups.leave('g', memberId);
  expect(groups.list()).toEqual([]);
});

test('a group without members is deleted with its offsets', async () => {
  const { groups, clock } = await newCoordinator();
  expect(await groups.delete('g')).toBe(ErrorCode.groupIdNotFound);
  await groups.commit('g', [offset]);
  const joining = groups.join(request(), client);
  clock.advance(50);
  expect(await groups.delete('g')).toBe(ErrorCode.nonEmptyGroup);
  groups.leave('g', (await joining).memberId);
  expect(await groups.delete('g')).toBe(ErrorCode.none);
  expect(groups.committedBy('g')).toEqual([]);
});
