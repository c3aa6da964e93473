import type { IncomingRecord, OutgoingRecord } from '../../src/client/record.ts';
import { Recorder } from './recorder.ts';

/** Numbered records: for each of `keys` keys the numbers from `from` to below `to`, alternating between the keys. */
export function numbered(topic: string, keys: number, from: number, to: number): OutgoingRecord[] {
  const records: OutgoingRecord[] = [];
  for (let number = from; number < to; number += 1) {
    for (let key = 0; key < keys; key += 1) {
      records.push({ topic, key: `key-${key}`, value: String(number) });
    }
  }
  return records;
}

interface Handled {
  key: string;
  number: number;
}

/**
 * Watches the handling of numbered records by any number of members in this process. Repeats are allowed; a record that
 * starts before its predecessor was completed, or a key with two handlers at the same time, is a fault.
 */
export class KeyOrder {
  readonly handled = new Recorder<Handled>();
  readonly faults: string[] = [];
  mostAtOnce = 0;
  private readonly completed = new Map<string, number>();
  private readonly running = new Set<string>();

  /** Wraps the work of a handler. */
  async during(record: IncomingRecord, work: () => Promise<void>): Promise<void> {
    const key = record.key ?? '';
    const number = Number(record.value?.toString());
    const reached = this.completed.get(key) ?? -1;
    if (number > reached + 1) this.faults.push(`${key}: ${number} began after ${reached}`);
    if (this.running.has(key)) this.faults.push(`${key}: ${number} began while the key was busy`);
    this.running.add(key);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running.size);
    try {
      await work();
    } finally {
      this.running.delete(key);
    }
    if (number > (this.completed.get(key) ?? -1)) this.completed.set(key, number);
    this.handled.add({ key, number });
  }

  /** Resolves once every key has been completed up to, not including, this number. */
  complete(keys: number, to: number, timeoutMs?: number): Promise<void> {
    return this.handled.until(
      `${keys} keys up to ${to}`,
      () => {
        const counted = [...this.completed.values()].filter((number) => number === to - 1);
        return counted.length === keys;
      },
      timeoutMs,
    );
  }
}
