import { array, assert, asyncProperty, constantFrom } from 'fast-check';
import { expect, test } from 'vitest';

import { attemptHeaders } from '../request.ts';
import { verify } from '../verification.ts';
import { InMemoryLanePositions, OrderChecker, orderOf } from './order-checker.ts';

const secret = Buffer.alloc(32, 1);
const body = Buffer.from('{}');
const timestamp = 1_700_000_000;

/** A request as it is sent, verified as it is received. */
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

test('a lane from its beginning is in order', async () => {
  expect(await ordersOf(received(1), received(2), received(3))).toEqual(
    Array.from({ length: 3 }, () => ({ kind: 'next', givenUp: 0 })),
  );
});

test('a retry is a repeat, and an older one is late', async () => {
  expect(await ordersOf(received(1), received(2), received(2), received(1))).toMatchObject([
    { kind: 'next' },
    { kind: 'next' },
    { kind: 'repeat' },
    { kind: 'late' },
  ]);
});

test('a gap that the sender owns up to is no loss', async () => {
  expect(await ordersOf(received(1), received(4, { gap: 2 }))).toEqual([
    { kind: 'next', givenUp: 0 },
    { kind: 'next', givenUp: 2 },
  ]);
});

test('what the sender does not own up to is missing', async () => {
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

test('an event whose answer was lost was received, though the sender gave it up', async () => {
  expect(await ordersOf(received(1), received(2), received(3, { gap: 1 }))).toEqual(
    Array.from({ length: 3 }, () => ({ kind: 'next', givenUp: 0 })),
  );
});

test('another event at the same place, or another one before it, is a conflict', async () => {
  expect(await ordersOf(received(1), received(1, { id: 'other' }))).toMatchObject([
    { kind: 'next' },
    { kind: 'conflict' },
  ]);
  expect(await ordersOf(received(1), received(2, { previousId: 'other' }))).toMatchObject([
    { kind: 'next' },
    { kind: 'conflict' },
  ]);
});

test('who comes later joins, and is in order from there', async () => {
  expect(await ordersOf(received(7), received(8))).toEqual([
    { kind: 'joined' },
    { kind: 'next', givenUp: 0 },
  ]);
});

test('a lane whose first events were given up is complete', async () => {
  expect(await ordersOf(received(3, { gap: 2 }))).toEqual([{ kind: 'next', givenUp: 2 }]);
});

test('replays have no place', () => {
  expect(orderOf({ number: 3, id: 'e3' }, { id: 'e1' })).toEqual({ kind: 'unsequenced' });
});

test('whatever is lost on the way, every event that did not arrive is missing or said to be given up', () =>
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
              // The first one that arrives cannot tell what was before it.
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

test('of too many lanes the quietest is forgotten', async () => {
  const checker = new OrderChecker(new InMemoryLanePositions(3));
  await checker.check('busy', received(1));
  await checker.check('quiet', received(1));
  await checker.check('busy', received(2));
  await checker.check('third', received(1));
  await checker.check('fourth', received(1));
  expect(await checker.check('busy', received(3))).toMatchObject({ kind: 'next' });
  expect(await checker.check('quiet', received(2))).toMatchObject({ kind: 'joined' });
});
