import { setTimeout as delay } from 'node:timers/promises';

import type { OutgoingRecord } from '@casewire/event-log';

interface Publisher {
  publish(records: OutgoingRecord[]): Promise<void>;
}

/** Publishes `count` events as fast as the broker accepts them. */
export async function publishAll(
  to: Publisher,
  count: number,
  event: (n: number) => OutgoingRecord,
): Promise<void> {
  for (let n = 0; n < count; n += 1000) {
    const size = Math.min(1000, count - n);
    await to.publish(Array.from({ length: size }, (_, i) => event(n + i)));
  }
}

/**
 * Publishes events at a rate, each when it is due, without waiting for the broker in between.
 * @param rate events per second
 * @returns the number of events, when the broker has stored all of them
 */
export async function publishAtRate(
  to: Publisher,
  { rate, seconds }: { rate: number; seconds: number },
  event: (n: number) => OutgoingRecord,
): Promise<number> {
  const count = Math.round(rate * seconds);
  const underWay: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < count;) {
    const elapsed = (performance.now() - began) / 1000;
    const due = Math.min(count, Math.floor(elapsed * rate) + 1);
    if (n < due) underWay.push(to.publish(Array.from({ length: due - n }, (_, i) => event(n + i))));
    n = due;
    await delay(1);
  }
  await Promise.all(underWay);
  return count;
}
