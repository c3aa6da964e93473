import { expect, test } from 'vitest';

import { RecordBuffer, type BufferUser } from './record-buffer.ts';

function roomFor(size: number, count: number) {
  const tenants: BufferUser[] = Array.from({ length: count }, () => ({ held: 0, behind: false }));
  return { room: new RecordBuffer(size, () => tenants), tenants };
}

function fill(room: RecordBuffer, tenant: BufferUser): number {
  let taken = 0;
  for (let share = room.shareOf(tenant); share > 0; share = room.shareOf(tenant)) {
    for (let n = 0; n < share; n += 1) room.take(tenant);
    taken += share;
  }
  return taken;
}

test('a partition alone gets all the room', () => {
  const { room, tenants } = roomFor(10, 1);
  expect(room.shareOf(tenants[0]!)).toBe(10);
  expect(fill(room, tenants[0]!)).toBe(10);
});

test('a partition never takes what is set aside for the others', () => {
  const { room, tenants } = roomFor(32, 4);
  expect(fill(room, tenants[0]!)).toBe(32 - 3 * 4);
  for (const tenant of tenants.slice(1)) expect(fill(room, tenant)).toBe(4);
  expect(room.taken).toBe(32);
});

test('partitions that are behind share what is left', () => {
  const { room, tenants } = roomFor(32, 4);
  for (const tenant of tenants) tenant.behind = true;
  // 4 of its own, and a quarter of the 16 in common.
  expect(room.shareOf(tenants[0]!)).toBe(8);
});

test('with less room than partitions nothing is set aside, and the room is never exceeded', () => {
  const { room, tenants } = roomFor(2, 3);
  expect(tenants.map((tenant) => fill(room, tenant))).toEqual([2, 0, 0]);
  expect(room.taken).toBe(2);
});

test('waiting ends when half of the room, or of the own part, is free again', async () => {
  const { room, tenants } = roomFor(8, 2);
  const [first, second] = [tenants[0]!, tenants[1]!];
  fill(room, first);
  fill(room, second);
  expect([first.held, second.held]).toEqual([6, 2]);
  const forSecond = room.untilWorthwhile(second, 60_000);
  room.release(second);
  await forSecond;
  expect(room.isWorthwhileFor(first)).toBe(false);
  const forFirst = room.untilWorthwhile(first, 60_000);
  for (let n = 0; n < 3; n += 1) room.release(first);
  await forFirst;
  expect(room.taken).toBe(4);
});

test('waiting ends after the given time', async () => {
  const { room, tenants } = roomFor(1, 1);
  room.take(tenants[0]!);
  await room.untilWorthwhile(tenants[0]!, 5);
  expect(room.isWorthwhileFor(tenants[0]!)).toBe(false);
});
