import { array, assert, asyncProperty, constantFrom } from 'fast-check';
import { expect, test } from 'vitest';

import { attemptHeaders } from '../request.ts';
import { verify } from '../verification.ts';
import { InMemoryLanePositions, OrderChecker, orderOf } from './order-checker.ts';

const secret = Buffer.alloc(32, 1);
const body = Buffer.from('{}');
const timestamp = 1_700_000_000;

/** The result of verifying a signed request. */
const received = (
  number: number,
  { gap = 0, id = `e${number}`, previousId = `e${number - 1}` } = {},
) =>
  verify(
    body,
    attemptHeaders({
      eventId: id,
      body,
      timestamp,
      sequence: { number, previousId: number === 1 ? null : previousId, gap },
      replay: null,
      secrets: [secret],
    }),
    secret,
    { now: () => new Date(timestamp * 1000) },
  );

const ordersOf = async (...events: ReturnType<typeof received>[]) => {
  const checker = new OrderChecker();
  const orders = [];
  for (const event of events) orders.push(await checker.check('lane', event));
  return orders;
};

test('the events of a lane from its first on are in order', async () => {
  expect(await ordersOf(received(1), received(2), received(3))).toEqual(
    Array.from({ length: 3 }, () => ({ kind: 'next', givenUp: 0 })),
  );
});

test('a retry of the last event is a repeat, an older event is late', async () => {
  expect(await ordersOf(received(1), received(2), received(2), received(1))).toMatchObject([
    { kind: 'next' },
    { kind: 'next' },
    { kind: 'repeat' },
    { kind: 'late' },
  ]);
});

test('events that the sender reports as given up are not missing', async () => {
  expect(await ordersOf(received(1), received(4, { gap: 2 }))).toEqual([
    { kind: 'next', givenUp: 0 },
    { kind: 'next', givenUp: 2 },
  ]);
});

test('events that the sender does not report as given up are missing', async () => {
  expect(await ordersOf(received(1), received(4))).toEqual([
    { kind: 'next', givenUp: 0 },
    { kind: 'missing', count: 2, givenUp: 0 },
  ]);
  expect(await ordersOf(received(1), received(5, { gap: 1 }), received(6))).toEqual([
    { kind: 'next', givenUp: 0 },
    { kind: 'missing', count: 2, givenUp: 1 },
    { kind: 'next', givenUp: 0 },
  ]);
});

test('an event whose response was lost counts as received, although the sender gave it up', async () => {
  expect(await ordersOf(received(1), received(2), received(3, { gap: 1 }))).toEqual(
    Array.from({ length: 3 }, () => ({ kind: 'next', givenUp: 0 })),
  );
});

test('another event at the same position, or another previous event, is a conflict', async () => {
  expect(await ordersOf(received(1), received(1, { id: 'other' }))).toMatchObject([
    { kind: 'next' },
    { kind: 'conflict' },
  ]);
  expect(await ordersOf(received(1), received(2, { previousId: 'other' }))).toMatchObject([
    { kind: 'next' },
    { kind: 'conflict' },
  ]);
});

test('a receiver that starts in the middle of a lane has joined it, and the next events are in order', async () => {
  expect(await ordersOf(received(7), received(8))).toEqual([
    { kind: 'joined' },
    { kind: 'next', givenUp: 0 },
  ]);
});

test('a lane whose first events were given up has no missing events', async () => {
  expect(await ordersOf(received(3, { gap: 2 }))).toEqual([{ kind: 'next', givenUp: 2 }]);
});

test('a replay has no position', () => {
  expect(orderOf({ number: 3, id: 'e3' }, { id: 'e1' })).toEqual({ kind: 'unsequenced' });
});

test('every event that does not arrive is reported as missing or as given up', () =>
  assert(
    asyncProperty(
      array(constantFrom('received', 'given-up', 'lost'), { minLength: 1, maxLength: 30 }),
      async (fates) => {
        const checker = new OrderChecker();
        let [missing, givenUp, gap, last] = [0, 0, 0, 0];
        for (const [index, fate] of fates.entries()) {
          if (fate === 'given-up') gap += 1;
          else {
            if (fate === 'received') {
              const order = await checker.check('lane', received(index + 1, { gap }));
              // The first event that arrives cannot show how many events were before it.
              if (last > 0 && order.kind === 'missing') missing += order.count;
              if (last > 0 && 'givenUp' in order) givenUp += order.givenUp;
              last = index + 1;
            }
            gap = 0;
          }
        }
        const first = fates.indexOf('received');
        const between = fates.slice(first, last);
        const lost = between.filter((fate) => fate === 'lost').length;
        expect(missing).toBeGreaterThanOrEqual(lost);
        expect(missing + givenUp).toBe(between.filter((fate) => fate !== 'received').length);
        expect(missing > 0).toBe(lost > 0);
      },
    ),
  ));

test('beyond the maximum the least recently used lane is removed', async () => {
  const checker = new OrderChecker(new InMemoryLanePositions(3));
  await checker.check('busy', received(1));
  await checker.check('quiet', received(1));
  await checker.check('busy', received(2));
  await checker.check('third', received(1));
  await checker.check('fourth', received(1));
  expect(await checker.check('busy', received(3))).toMatchObject({ kind: 'next' });
  expect(await checker.check('quiet', received(2))).toMatchObject({ kind: 'joined' });
});
