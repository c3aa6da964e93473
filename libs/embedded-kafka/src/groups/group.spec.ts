import { describe, expect, test } from 'vitest';

import { ManualClock } from '../../test/manual-clock.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/join-group.ts';
import { Group } from './group.ts';

const INITIAL_DELAY = 50;
const SESSION = 10_000;
const REBALANCE = 30_000;

function newGroup(maxMembers = 100) {
  const clock = new ManualClock();
  let ids = 0;
  let emptied = 0;
  const group = new Group('g', {
    clock,
    newId: () => String(++ids),
    initialRebalanceDelay: INITIAL_DELAY,
    maxMembers,
    onEmpty: () => emptied++,
  });
  return { group, clock, emptied: () => emptied };
}

const request = (memberId = '', changes: Partial<JoinGroupRequest> = {}): JoinGroupRequest => ({
  groupId: 'g',
  memberId,
  sessionTimeout: SESSION,
  rebalanceTimeout: REBALANCE,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('topics') }],
  understandsMemberIdRequired: false,
  ...changes,
});
const client = { id: 'c', host: '127.0.0.1' };
const join = (group: Group, memberId = '', changes: Partial<JoinGroupRequest> = {}) =>
  group.join(request(memberId, changes), client);
const prefer = (...names: string[]) => ({
  protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
});
const beat = (group: Group, memberId: string, generation: number) =>
  group.heartbeat({ groupId: 'g', memberId, generation });
const sync = (
  group: Group,
  { memberId, generation }: Pick<JoinGroupResponse, 'memberId' | 'generation'>,
  assigned: Record<string, string> = {},
) =>
  group.sync({
    groupId: 'g',
    memberId,
    generation,
    assignments: Object.entries(assigned).map(([id, assignment]) => ({
      memberId: id,
      assignment: Buffer.from(assignment),
    })),
  });

/** Whether the promise has resolved. */
async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return (await Promise.race([promise, Promise.resolve(open)])) !== open;
}

/** A group with this number of members, all with an assignment. */
async function stableGroup(members: number) {
  const { group, clock, emptied } = newGroup();
  const joining = Array.from({ length: members }, () => join(group));
  clock.advance(2 * INITIAL_DELAY);
  const joined = await Promise.all(joining);
  const leader = joined.find(({ memberId, leaderId }) => memberId === leaderId)!;
  const followers = joined.filter((each) => each !== leader);
  const assigned = Object.fromEntries(joined.map(({ memberId }) => [memberId, `for ${memberId}`]));
  const syncing = followers.map((follower) => sync(group, follower));
  await Promise.all([sync(group, leader, assigned), ...syncing]);
  return { group, clock, emptied, leader, followers, generation: leader.generation };
}

describe('the first generation', () => {
  test('waits for the initial delay, which starts again when members arrive', async () => {
    const { group, clock } = newGroup();
    const first = join(group);
    clock.advance(INITIAL_DELAY - 1);
    const second = join(group);
    clock.advance(INITIAL_DELAY);
    expect(await isResolved(first)).toBe(false);
    clock.advance(INITIAL_DELAY);
    const [one, two] = await Promise.all([first, second]);
    expect(one).toMatchObject({ error: 0, generation: 1, protocol: 'range' });
    expect(two).toMatchObject({ generation: 1, leaderId: one.memberId });
    expect(two.memberId).not.toBe(one.memberId);
  });

  test('does not wait longer than the rebalance timeout, although members keep arriving', async () => {
    const { group, clock } = newGroup();
    const first = join(group, '', { rebalanceTimeout: 200 });
    for (let n = 0; n < 5; n++) {
      clock.advance(40);
      void join(group, '', { rebalanceTimeout: 200 });
    }
    expect(await isResolved(first)).toBe(true);
  });

  test('sends the metadata of all members to the leader only', async () => {
    const { group, clock } = newGroup();
    const joining = [join(group), join(group)];
    clock.advance(2 * INITIAL_DELAY);
    const [leader, follower] = await Promise.all(joining);
    expect(leader!.members).toEqual([
      { memberId: leader!.memberId, metadata: Buffer.from('topics') },
      { memberId: follower!.memberId, metadata: Buffer.from('topics') },
    ]);
    expect(follower!.members).toEqual([]);
  });
});

describe('joining', () => {
  test('a new member gets its id first and joins with it', async () => {
    const { group, clock } = newGroup();
    const response = await join(group, '', { understandsMemberIdRequired: true });
    expect(response).toMatchObject({ error: ErrorCode.memberIdRequired, memberId: 'c-1' });
    const joining = join(group, response.memberId, { understandsMemberIdRequired: true });
    clock.advance(INITIAL_DELAY);
    expect(await joining).toMatchObject({ error: 0, memberId: response.memberId });
  });

  test('an id that is not used is dropped after the session timeout', async () => {
    const { group, clock, emptied } = newGroup();
    const { memberId } = await join(group, '', { understandsMemberIdRequired: true });
    expect(group.isEmpty).toBe(false);
    clock.advance(SESSION);
    expect(group.isEmpty).toBe(true);
    expect(emptied()).toBe(1);
    expect(await join(group, memberId)).toMatchObject({ error: ErrorCode.unknownMemberId });
  });

  test('an unknown id is refused', async () => {
    const { group } = newGroup();
    expect(await join(group, 'made-up')).toMatchObject({ error: ErrorCode.unknownMemberId });
  });

  test('a protocol that the members do not share is refused, and another protocol type, too', async () => {
    const { group } = await stableGroup(1);
    const foreign = { protocols: [{ name: 'sticky', metadata: Buffer.alloc(0) }] };
    for (const changes of [foreign, { protocolType: 'connect' }, { protocols: [] }])
      expect(await join(group, '', changes)).toMatchObject({
        error: ErrorCode.inconsistentGroupProtocol,
      });
  });

  test('a full group accepts no new member', async () => {
    const { group } = newGroup(1);
    await join(group, '', { understandsMemberIdRequired: true });
    expect(await join(group)).toMatchObject({ error: ErrorCode.groupMaxSizeReached });
  });

  test('the preferred protocol of most members is chosen among those that all support', async () => {
    const { group, clock } = newGroup();
    const joining = [
      join(group, '', prefer('own', 'range', 'sticky')),
      join(group, '', prefer('sticky', 'range')),
      join(group, '', prefer('sticky', 'range')),
    ];
    clock.advance(2 * INITIAL_DELAY);
    expect((await joining[0])!.protocol).toBe('sticky');
  });
});

describe('assigning', () => {
  test('every member gets the assignment of the leader, before or after its own request', async () => {
    const { group, clock } = newGroup();
    const joining = [join(group), join(group), join(group)];
    clock.advance(2 * INITIAL_DELAY);
    const [leader, early, late] = (await Promise.all(joining)) as [
      JoinGroupResponse,
      JoinGroupResponse,
      JoinGroupResponse,
    ];
    const waiting = sync(group, early);
    expect(await isResolved(waiting)).toBe(false);
    const assigned = { [leader.memberId]: 'L', [early.memberId]: 'E', [late.memberId]: 'T' };
    expect((await sync(group, leader, assigned)).assignment.toString()).toBe('L');
    expect((await waiting).assignment.toString()).toBe('E');
    expect((await sync(group, late)).assignment.toString()).toBe('T');
  });

  test('a sync with another generation, or from an unknown member, is refused', async () => {
    const { group, leader, generation } = await stableGroup(1);
    expect(await sync(group, { ...leader, generation: generation - 1 })).toMatchObject({
      error: ErrorCode.illegalGeneration,
    });
    expect(await sync(group, { memberId: 'x', generation })).toMatchObject({
      error: ErrorCode.unknownMemberId,
    });
  });

  test('a leader that does not assign is removed after the rebalance timeout, and the others join again', async () => {
    const { group, clock } = newGroup();
    const joining = [join(group), join(group)];
    clock.advance(2 * INITIAL_DELAY);
    const [leader, follower] = (await Promise.all(joining)) as [
      JoinGroupResponse,
      JoinGroupResponse,
    ];
    const waiting = sync(group, follower);
    for (let waited = 0; waited < REBALANCE; waited += SESSION / 2) {
      beat(group, leader.memberId, leader.generation);
      clock.advance(SESSION / 2);
    }
    expect(await waiting).toMatchObject({ error: ErrorCode.rebalanceInProgress });
    const again = await join(group, follower.memberId);
    expect(again).toMatchObject({ error: 0, leaderId: follower.memberId });
    expect(beat(group, leader.memberId, leader.generation)).toBe(ErrorCode.unknownMemberId);
  });
});

describe('rebalancing', () => {
  test('a new member makes the others join again, and the generation begins when all have joined', async () => {
    const { group, leader, followers, generation } = await stableGroup(2);
    const joined = join(group);
    const [follower] = followers;
    expect(beat(group, leader.memberId, generation)).toBe(ErrorCode.rebalanceInProgress);
    const first = join(group, leader.memberId);
    expect(await isResolved(joined)).toBe(false);
    const second = join(group, follower!.memberId);
    const responses = await Promise.all([joined, first, second]);
    expect(responses.map((response) => response.generation)).toEqual(Array(3).fill(generation + 1));
    expect(responses.map((response) => response.leaderId)).toEqual(Array(3).fill(leader.memberId));
  });

  test('a member that does not join again in time is removed', async () => {
    const { group, clock, leader, followers, generation } = await stableGroup(2);
    const joined = join(group);
    const again = join(group, leader.memberId);
    const slow = followers[0]!.memberId;
    for (let waited = 0; waited < REBALANCE; waited += SESSION / 2) {
      expect(beat(group, slow, generation)).toBe(ErrorCode.rebalanceInProgress);
      clock.advance(SESSION / 2);
    }
    const { members } = await again;
    expect(members.map(({ memberId }) => memberId)).toEqual([
      leader.memberId,
      (await joined).memberId,
    ]);
    expect(beat(group, slow, generation)).toBe(ErrorCode.unknownMemberId);
  });

  test('a rebalance waits for a new member that got its id', async () => {
    const { group, leader, generation } = await stableGroup(1);
    const response = await join(group, '', { understandsMemberIdRequired: true });
    const again = join(group, leader.memberId);
    expect(await isResolved(again)).toBe(false);
    const joined = join(group, response.memberId);
    expect((await again).generation).toBe(generation + 1);
    expect((await joined).generation).toBe(generation + 1);
  });

  test('the others share the partitions of a member that leaves', async () => {
    const { group, leader, followers, generation } = await stableGroup(2);
    expect(group.leave(followers[0]!.memberId)).toBe(ErrorCode.none);
    expect(beat(group, leader.memberId, generation)).toBe(ErrorCode.rebalanceInProgress);
    const { members } = await join(group, leader.memberId);
    expect(members).toHaveLength(1);
    expect(group.leave(followers[0]!.memberId)).toBe(ErrorCode.unknownMemberId);
  });

  test('when the leader leaves, another member becomes the leader', async () => {
    const { group, leader, followers } = await stableGroup(2);
    group.leave(leader.memberId);
    const again = await join(group, followers[0]!.memberId);
    expect(again.leaderId).toBe(followers[0]!.memberId);
  });

  test('members that wait for their assignment when a rebalance begins must join again', async () => {
    const { group, clock } = newGroup();
    const joining = [join(group), join(group)];
    clock.advance(2 * INITIAL_DELAY);
    const [, follower] = await Promise.all(joining);
    const waiting = sync(group, follower!);
    void join(group);
    expect(await waiting).toMatchObject({ error: ErrorCode.rebalanceInProgress });
  });

  test('a leader that joins again, or a member with other topics, starts a rebalance', async () => {
    const { group, leader, followers, generation } = await stableGroup(2);
    const other = { protocols: [{ name: 'range', metadata: Buffer.from('other') }] };
    const changed = join(group, followers[0]!.memberId, other);
    const again = join(group, leader.memberId);
    expect((await changed).generation).toBe(generation + 1);
    expect((await again).members[1]?.metadata.toString()).toBe('other');
  });

  test('a follower that joins again without changes stays in its generation', async () => {
    const { group, followers, generation } = await stableGroup(2);
    const again = await join(group, followers[0]!.memberId);
    expect(again).toMatchObject({ error: 0, generation });
  });

  test('a repeated join while the first one waits resolves both', async () => {
    const { group, leader, followers } = await stableGroup(2);
    const lost = join(group, leader.memberId);
    const again = join(group, leader.memberId);
    expect(await lost).toMatchObject({ error: ErrorCode.rebalanceInProgress });
    void join(group, followers[0]!.memberId);
    expect(await again).toMatchObject({ error: 0 });
  });
});

describe('sessions', () => {
  test('a member without heartbeats is removed after its session timeout', async () => {
    const { group, clock, leader, followers, generation } = await stableGroup(2);
    clock.advance(SESSION - 1);
    expect(beat(group, leader.memberId, generation)).toBe(ErrorCode.none);
    clock.advance(1);
    expect(beat(group, followers[0]!.memberId, generation)).toBe(ErrorCode.unknownMemberId);
    expect(beat(group, leader.memberId, generation)).toBe(ErrorCode.rebalanceInProgress);
  });

  test('heartbeats and commits keep a member alive', async () => {
    const { group, clock, leader, generation } = await stableGroup(1);
    for (let n = 0; n < 10; n++) {
      clock.advance(SESSION - 1);
      const error =
        n % 2
          ? beat(group, leader.memberId, generation)
          : group.checkCommit(leader.memberId, generation);
      expect(error).toBe(ErrorCode.none);
    }
  });

  test('a member that waits for the others to join does not expire', async () => {
    const { group, clock, leader, followers, generation } = await stableGroup(2);
    const again = join(group, leader.memberId);
    const slow = followers[0]!.memberId;
    clock.advance(SESSION / 2);
    beat(group, slow, generation);
    clock.advance(SESSION / 2 + 1);
    beat(group, slow, generation);
    void join(group, slow);
    expect(await again).toMatchObject({ error: 0, generation: generation + 1 });
  });

  test('a group whose last member has left is empty and has no timer', async () => {
    const { group, clock, emptied } = await stableGroup(2);
    clock.advance(SESSION + REBALANCE);
    expect(group.isEmpty).toBe(true);
    expect(emptied()).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    expect(group.describe()).toMatchObject({ state: 'Empty', members: [] });
  });

  test('the heartbeat of another generation is refused', async () => {
    const { group, leader, generation } = await stableGroup(1);
    expect(beat(group, leader.memberId, generation + 1)).toBe(ErrorCode.illegalGeneration);
  });
});

describe('commits', () => {
  test('of a member of this generation are accepted, others are refused', async () => {
    const { group, leader, generation } = await stableGroup(1);
    expect(group.checkCommit(leader.memberId, generation)).toBe(ErrorCode.none);
    expect(group.checkCommit(leader.memberId, generation - 1)).toBe(ErrorCode.illegalGeneration);
    expect(group.checkCommit('stranger', generation)).toBe(ErrorCode.unknownMemberId);
  });

  test('of other clients are accepted only while the group has no members', async () => {
    const { group, leader } = await stableGroup(1);
    expect(group.checkCommit('', -1)).toBe(ErrorCode.unknownMemberId);
    group.leave(leader.memberId);
    expect(group.checkCommit('', -1)).toBe(ErrorCode.none);
  });

  test('of a member are accepted while the others join, so that it can commit before it loses its partitions', async () => {
    const { group, leader, generation } = await stableGroup(1);
    void join(group);
    expect(group.checkCommit(leader.memberId, generation)).toBe(ErrorCode.none);
  });

  test('are refused between joining and assignment', async () => {
    const { group, clock } = newGroup();
    const joining = join(group);
    clock.advance(INITIAL_DELAY);
    const { memberId, generation } = await joining;
    expect(group.checkCommit(memberId, generation)).toBe(ErrorCode.rebalanceInProgress);
  });
});

test('a stop resolves all waiting requests and leaves no timer', async () => {
  const { group, clock, leader } = await stableGroup(2);
  const joining = join(group, leader.memberId);
  group.stop();
  expect(await joining).toMatchObject({ error: ErrorCode.notCoordinator });
  expect(clock.pendingTimers).toBe(0);
});
