import { LeaderTask } from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Client } from 'pg';

import type { DomainEvent, StoredEvent } from './event-store.ts';
import { shardCount } from './shard.ts';

/** Namespace of the advisory locks on shards. */
const lockSpace = 0x0ca5e;

export interface RelayOptions<E extends DomainEvent, Message> {
  databaseUrl: string;
  /** The messages that these events cause, in the order of the events. Runs on the relay's own connection. */
  translate: (events: StoredEvent<E>[], client: Client) => Promise<Message[]>;
  /** Resolves when all messages are durable at their destination. */
  publish: (messages: Message[]) => Promise<void>;
  logger: Logger;
  /** Events that are published at a time; 500 by default. */
  batch?: number;
  /** How often to look for events without a wake-up, and for shards without a relay, in milliseconds; 250 by default. */
  idleMs?: number;
}

/**
 * A translation of domain events that need something of their stream, which is read once for each stream of a batch.
 * @param contextsOf what the messages of these streams need, by stream
 * @param messagesOf the messages of one event
 */
export const translateByStream =
  <E extends DomainEvent, Context, Message>(
    contextsOf: (client: Client, streamIds: readonly string[]) => Promise<Map<string, Context>>,
    messagesOf: (event: StoredEvent<E>, context: Context) => Message[],
  ): RelayOptions<E, Message>['translate'] =>
  async (events, client) => {
    const contexts = await contextsOf(client, [...new Set(events.map((one) => one.streamId))]);
    return events.flatMap((event) => messagesOf(event, contexts.get(event.streamId)!));
  };

/**
 * Publishes domain events in the order of their streams. Each shard has one relay at a time. A relay that dies after it
 * published and before it marked the events publishes them again; readers recognize an event by its id.
 */
export class Relay<E extends DomainEvent, Message> {
  private readonly task: LeaderTask;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: RelayOptions<E, Message>) {
    const { databaseUrl, logger, idleMs = 250 } = options;
    this.task = new LeaderTask({
      databaseUrl,
      name: 'relay',
      lockSpace,
      lockKeys: Array.from({ length: shardCount }, (_, shard) => shard),
      round: (client, shards) => this.relayBatch(client, shards),
      logger,
      idleMs,
    });
  }

  start(): void {
    this.task.start();
  }

  /** Makes the relay look for new events at once instead of at the next interval. */
  wake(): void {
    this.task.wake();
  }

  /**
   * Resolves when the next batch is published and marked by this relay, or after `waitMs`: another process can have the shard.
   */
  async published(waitMs: number): Promise<void> {
    const next = Promise.withResolvers<void>();
    const timer = setTimeout(next.resolve, waitMs);
    this.waiting.add(next.resolve);
    await next.promise;
    clearTimeout(timer);
    this.waiting.delete(next.resolve);
  }

  /** Resolves when the batch that is under way is published and marked. */
  stop(): Promise<void> {
    return this.task.stop();
  }

  /** @returns whether more events may be waiting */
  private async relayBatch(client: Client, shards: readonly number[]): Promise<boolean> {
    const { batch = 500, translate, publish } = this.options;
    const { rows } = await client.query<Row>({
      name: 'relay',
      text: unpublished,
      values: [shards, batch],
    });
    if (rows.length === 0) return false;
    const events = rows.map((row) => ({
      seq: BigInt(row.seq),
      streamId: row.stream_id,
      version: row.version,
      event: row.data as E,
      traceparent: row.traceparent,
    }));
    await publish(await translate(events, client));
    crashPoint('relay.published');
    await client.query('update domain_event set published = true where seq = any($1)', [
      rows.map(({ seq }) => seq),
    ]);
    for (const resolve of this.waiting) resolve();
    return rows.length === batch;
  }
}

interface Row {
  seq: string;
  stream_id: string;
  version: number;
  data: DomainEvent;
  traceparent: string | null;
}

// Selected by `not published`, never by `seq > last`: a transaction that draws a lower number may commit later.
const unpublished = `
  select seq, stream_id, version, data, traceparent from domain_event
  where not published and shard = any($1) and (publish_after is null or publish_after <= now())
  order by seq limit $2`;
