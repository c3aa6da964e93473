import { setTimeout as delay } from 'node:timers/promises';

import { crashPoint, type Logger } from '@casewire/telemetry';
import { Client } from 'pg';

import type { DomainEvent, StoredEvent } from './event-store.ts';
import { shardCount } from './shard.ts';

/** Namespace of the advisory locks on shards: the first key of pg_advisory_lock(int, int). */
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
 * Publishes domain events in the order of their streams. Each shard has one relay at a time: the session advisory lock of a
 * shard belongs to the connection that selects, so a relay that lost its connection can select nothing more. A relay that
 * dies after it published and before it marked the events publishes them again; readers recognize an event by its id.
 */
export class Relay<E extends DomainEvent, Message> {
  private readonly shards = new Set<number>();
  private readonly halt = new AbortController();
  private running: Promise<void> | undefined;
  private woken = Promise.withResolvers<void>();

  constructor(private readonly options: RelayOptions<E, Message>) {}

  start(): void {
    this.running = this.run();
  }

  /** Makes the relay look for new events at once instead of at the next interval. */
  wake(): void {
    this.woken.resolve();
  }

  /** Resolves when the batch that is under way is published and marked. */
  async stop(): Promise<void> {
    this.halt.abort();
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.halt.signal.aborted) {
      const client = new Client({ connectionString: this.options.databaseUrl });
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => undefined);
      // A connection that is cut can emit several errors, and an error without a listener would end the process.
      client.on('error', (error) => lost.reject(error));
      try {
        await client.connect();
        await Promise.race([this.relay(client), lost.promise]);
      } catch (error) {
        this.options.logger.warn({ event: 'relay.interrupted', error });
        await delay(250, undefined, { signal: this.halt.signal }).catch(() => undefined);
      } finally {
        this.shards.clear();
        await client.end().catch(() => undefined);
      }
    }
  }

  private async relay(client: Client): Promise<void> {
    const { idleMs = 250 } = this.options;
    let lastLookAt = -Infinity;
    while (!this.halt.signal.aborted) {
      this.woken = Promise.withResolvers<void>();
      if (this.shards.size < shardCount && performance.now() - lastLookAt > idleMs) {
        await this.acquireShards(client);
        lastLookAt = performance.now();
      }
      if (await this.relayBatch(client)) continue;
      await Promise.race([
        this.woken.promise,
        delay(idleMs, undefined, { signal: this.halt.signal }),
      ]).catch(() => undefined);
    }
  }

  private async acquireShards(client: Client): Promise<void> {
    for (let shard = 0; shard < shardCount; shard++) {
      if (this.shards.has(shard)) continue;
      const { rows } = await client.query<{ acquired: boolean }>(
        'select pg_try_advisory_lock($1, $2) as acquired',
        [lockSpace, shard],
      );
      if (rows[0]?.acquired) this.shards.add(shard);
    }
  }

  /** @returns whether more events may be waiting */
  private async relayBatch(client: Client): Promise<boolean> {
    const { batch = 500, translate, publish } = this.options;
    if (this.shards.size === 0) return false;
    const { rows } = await client.query<Row>({
      name: 'relay',
      text: unpublished,
      values: [[...this.shards], batch],
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
  where not published and shard = any($1) order by seq limit $2`;
