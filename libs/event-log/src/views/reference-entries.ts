import type { EventLogLogger } from '../client/logger.ts';
import type { IncomingRecord } from '../client/record.ts';

interface Entry<T> {
  revision: number;
  /** `undefined` once deleted: the revision stays, so that an older record cannot bring the entry back. */
  value: T | undefined;
}

/** The entries of a compacted topic, by key. */
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

  /** Takes a record in, if it is newer than what is known of its key. One that cannot be read is logged and passed over. */
  apply(record: IncomingRecord): void {
    const { topic, offset, key, value } = record;
    if (key === null) return;
    let changed: boolean;
    try {
      // A tombstone: compaction may have taken everything else, so nothing is left to compare a revision with.
      changed = value === null ? this.byKey.delete(key) : this.take(key, parseJson(value));
    } catch (error) {
      this.logger.error(
        { event: 'view.unreadable', topic, offset: offset.toString(), key, error },
        'an entry could not be read',
      );
      return;
    }
    if (changed) this.tell(topic, key);
  }

  private take(key: string, json: unknown): boolean {
    const { revision, deletedAt } = envelope(json);
    const known = this.byKey.get(key);
    if (known && known.revision >= revision) return false;
    // A deletion needs no more than its envelope.
    this.byKey.set(key, { revision, value: deletedAt ? undefined : this.parse(json) });
    return true;
  }

  private tell(topic: string, key: string): void {
    for (const listener of this.listeners) {
      try {
        listener(key, this.get(key));
      } catch (error) {
        this.logger.error(
          { event: 'view.listener_failed', topic, key, error },
          'a listener failed',
        );
      }
    }
  }
}

const parseJson = (value: Buffer): unknown => JSON.parse(value.toString());

function envelope(json: unknown): { revision: number; deletedAt: unknown } {
  if (typeof json !== 'object' || json === null || !('revision' in json)) {
    throw new TypeError('an entry without a revision');
  }
  if (typeof json.revision !== 'number') throw new TypeError('a revision that is no number');
  return { revision: json.revision, deletedAt: 'deletedAt' in json ? json.deletedAt : undefined };
}
