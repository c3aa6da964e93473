import { setTimeout as delay } from 'node:timers/promises';

import { crashPoint, type Logger } from '@casewire/telemetry';
import { Client } from 'pg';

import type { Fact, StoredFact } from './event-store.ts';
import { shardCount } from './shard.ts';

/** Namespace of the advisory locks by which relays own shards. */
const lockSpace = 0x0ca5e;

export interface RelayOptions<F extends Fact, Message> {
  databaseUrl: string;
  /** What is said to the outside for these facts, in their order. Runs on the relay's own connection. */
  translate: (facts: StoredFact<F>[], client: Client) => Promise<Message[]>;
  /** Resolves when all of it is durable elsewhere. */
  publish: (messages: Message[]) => Promise<void>;
  logger: Logger;
  /** Facts taken at once. */
  batch?: number;
  /** How long to wait for a poke before looking anyway, and before asking for shards again, in milliseconds. */
  idleMs?: number;
}

/**
 * Publishes facts in the order of their streams. A shard has one owner: a session advisory lock, held by the connection
 * that selects, so that a relay which lost its connection can select nothing more. A relay that dies between publishing
 * and marking publishes again; readers know a fact by its id.
 */
export class Relay<F extends Fact, Message> {
  private readonly shards = new Set<number>();
  private readonly halt = new AbortController();
  private running: Promise<void> | undefined;
  private poked = Promise.withResolvers<void>();

  constructor(private readonly options: RelayOptions<F, Message>) {}

  start(): void {
    this.running = this.run();
  }

  /** Says that there is something new, so that it need not wait for the next look. */
  poke(): void {
    this.poked.resolve();
  }

  /** Ends after the batch that is under way. */
  async stop(): Promise<void> {
    this.halt.abort();
    this.poke();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.halt.signal.aborted) {
      const client = new Client({ connectionString: this.options.databaseUrl });
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => undefined);
      // A connection that is cut can say so more than once: whatever comes after the first is heard as well.
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
    let asked = -Infinity;
    while (!this.halt.signal.aborted) {
      this.poked = Promise.withResolvers<void>();
      if (this.shards.size < shardCount && performance.now() - asked > idleMs) {
        await this.takeShards(client);
        asked = performance.now();
      }
      if (await this.relayBatch(client)) continue;
      await Promise.race([
        this.poked.promise,
        delay(idleMs, undefined, { signal: this.halt.signal }),
      ]).catch(() => undefined);
    }
  }

  private async takeShards(client: Client): Promise<void> {
    for (let shard = 0; shard < shardCount; shard++) {
      if (this.shards.has(shard)) continue;
      const { rows } = await client.query<{ taken: boolean }>(
        'select pg_try_advisory_lock($1, $2) as taken',
        [lockSpace, shard],
      );
      if (rows[0]?.taken) this.shards.add(shard);
    }
  }

  /** @returns whether there may be more at once */
  private async relayBatch(client: Client): Promise<boolean> {
    const { batch = 500, translate, publish } = this.options;
    if (this.shards.size === 0) return false;
    const { rows } = await client.query<Row>({
      name: 'relay',
      text: unpublished,
      values: [[...this.shards], batch],
    });
    if (rows.length === 0) return false;
    const facts = rows.map((row) => ({
      seq: BigInt(row.seq),
      streamId: row.stream_id,
      version: row.version,
      fact: row.data as F,
      traceparent: row.traceparent,
    }));
    await publish(await translate(facts, client));
    crashPoint('relay.published');
    await client.query('update fact set published = true where seq = any($1)', [
      rows.map(({ seq }) => seq),
    ]);
    return rows.length === batch;
  }
}

interface Row {
  seq: string;
  stream_id: string;
  version: number;
  data: Fact;
  traceparent: string | null;
}

// By what is not published, never by `seq > last`: a transaction that draws a lower number may commit later.
const unpublished = `
  select seq, stream_id, version, data, traceparent from fact
  where not published and shard = any($1) order by seq limit $2`;
