import type { PoolClient } from 'pg';

import type { DomainEvent, StoredEvent } from './event-store.ts';

/** A read model: tables of its own that follow from the domain events alone. */
export interface Projection<E extends DomainEvent> {
  /**
   * The tables, without a schema, in an order in which they can be filled. The events of a stream change only rows that belong to
   * this stream.
   */
  tables: readonly string[];
  /** Applies events in the order of their streams. Called in the transaction that appends them. */
  apply(client: PoolClient, events: readonly StoredEvent<E>[]): Promise<void>;
}
