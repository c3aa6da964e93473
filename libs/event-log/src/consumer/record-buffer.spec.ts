import { expect, test } from 'vitest';

import { RecordBuffer, type BufferUser } from './record-buffer.ts';

function bufferFor(size: number, count: number) {
  const users: BufferUser[] = Array.from({ length: count }, () => ({ buffered: 0, behind: false }));
  return { buffer: new RecordBuffer(size, () => users), users };
}

function fill(buffer: RecordBuffer, user: BufferUser): number {
  let accepted = 0;
  for (let share = buffer.shareOf(user); share > 0; share = buffer.shareOf(user)) {
    for (let n = 0; n < share; n += 1) buffer.add(user);
    accepted += share;
  }
  return accepted;
}

test('a single partition gets the whole capacity', () => {
  const { buffer, users } = bufferFor(10, 1);
  expect(buffer.shareOf(users[0]!)).toBe(10);
  expect(fill(buffer, users[0]!)).toBe(10);
});

test('a partition never uses the capacity that is reserved for others', () => {
  const { buffer, users } = bufferFor(32, 4);
  expect(fill(buffer, users[0]!)).toBe(32 - 3 * 4);
  for (const user of users.slice(1)) expect(fill(buffer, user)).toBe(4);
  expect(buffer.count).toBe(32);
});

test('partitions that are behind share the capacity that is not reserved', () => {
  const { buffer, users } = bufferFor(32, 4);
  for (const user of users) user.behind = true;
  // The 4 that are reserved for it, and a quarter of the 16 that are not reserved.
  expect(buffer.shareOf(users[0]!)).toBe(8);
});

test('with less capacity than partitions nothing is reserved, and the capacity is never exceeded', () => {
  const { buffer, users } = bufferFor(2, 3);
  expect(users.map((user) => fill(buffer, user))).toEqual([2, 0, 0]);
  expect(buffer.count).toBe(2);
});

test('waiting ends when half of the buffer, or of the reserved part, is free again', async () => {
  const { buffer, users } = bufferFor(8, 2);
  const [first, second] = [users[0]!, users[1]!];
  fill(buffer, first);
  fill(buffer, second);
  expect([first.buffered, second.buffered]).toEqual([6, 2]);
  const forSecond = buffer.untilCapacityFor(second, 60_000);
  buffer.remove(second);
  await forSecond;
  expect(buffer.hasCapacityFor(first)).toBe(false);
  const forFirst = buffer.untilCapacityFor(first, 60_000);
  for (let n = 0; n < 3; n += 1) buffer.remove(first);
  await forFirst;
  expect(buffer.count).toBe(4);
});

test('waiting ends after the time-out', async () => {
  const { buffer, users } = bufferFor(1, 1);
  buffer.add(users[0]!);
  await buffer.untilCapacityFor(users[0]!, 5);
  expect(buffer.hasCapacityFor(users[0]!)).toBe(false);
});
