import type { EventLogLogger } from '../client/logger.ts';
import type { IncomingRecord } from '../client/record.ts';

interface Entry<T> {
  revision: number;
  /** `undefined` after a deletion. The revision is kept, so that an older record cannot restore the entry. */
  value: T | undefined;
}

/** The values of a compacted topic, by key. */
export class ReferenceEntries<T> {
  private readonly byKey = new Map<string, Entry<T>>();
  private readonly listeners = new Set<(key: string, value: T | undefined) => void>();

  constructor(
    private readonly parse: (value: unknown) => T,
    private readonly logger: EventLogLogger,
  ) {}

  get(key: string): T | undefined {
    return this.byKey.get(key)?.value;
  }

  *entries(): IterableIterator<[string, T]> {
    for (const [key, { value }] of this.byKey) if (value !== undefined) yield [key, value];
  }

  onChange(listener: (key: string, value: T | undefined) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Applies a record if its revision is higher than that of the stored entry. An unreadable record is logged and skipped. */
  apply(record: IncomingRecord): void {
    const { topic, offset, key, value } = record;
    if (key === null) return;
    let changed: boolean;
    try {
      // A tombstone has no revision to compare, and compaction may have removed all other records of the key.
      changed = value === null ? this.byKey.delete(key) : this.store(key, parseJson(value));
    } catch (error) {
      this.logger.error(
        { event: 'view.unreadable', topic, offset: offset.toString(), key, error },
        'a record of a view is unreadable',
      );
      return;
    }
    if (changed) this.notify(topic, key);
  }

  private store(key: string, json: unknown): boolean {
    const { revision, deletedAt } = envelope(json);
    const known = this.byKey.get(key);
    if (known && known.revision >= revision) return false;
    // The rest of a deleted entry is not parsed.
    this.byKey.set(key, { revision, value: deletedAt ? undefined : this.parse(json) });
    return true;
  }

  private notify(topic: string, key: string): void {
    for (const listener of this.listeners) {
      try {
        listener(key, this.get(key));
      } catch (error) {
        this.logger.error(
          { event: 'view.listener_failed', topic, key, error },
          'a listener of a view failed',
        );
      }
    }
  }
}

const parseJson = (value: Buffer): unknown => JSON.parse(value.toString());

function envelope(json: unknown): { revision: number; deletedAt: unknown } {
  if (typeof json !== 'object' || json === null || !('revision' in json)) {
    throw new TypeError('the entry has no revision');
  }
  if (typeof json.revision !== 'number') throw new TypeError('the revision is not a number');
  return { revision: json.revision, deletedAt: 'deletedAt' in json ? json.deletedAt : undefined };
}
