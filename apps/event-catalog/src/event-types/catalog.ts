import { Topics } from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { publishReferences } from '@casewire/event-sourcing';
import {
  idempotent,
  inTransaction,
  type ResponseSeal,
  type IdempotentRequest,
} from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

/** Stored responses of the catalog contain no secrets, so they are not sealed. */
const unsealed: ResponseSeal = {
  seal: (value) => Buffer.from(value).toString('utf8'),
  open: (text) => Buffer.from(text),
};

/** Changes the catalog. A change returns only after the topic acknowledged its records. */
export class Catalog {
  constructor(
    readonly pool: Pool,
    private readonly log: Pick<EventLog, 'send'>,
  ) {}

  async change<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const result = await inTransaction(this.pool, work);
    await this.publish();
    return result;
  }

  /** A change that takes effect only once per Idempotency-Key. */
  changeOnce<T>(request: IdempotentRequest, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.change((client) => idempotent(client, request, unsealed, () => work(client)));
  }

  /**
   * Publishes the records that the topic does not have yet.
   * @returns how many
   */
  publish(): Promise<number> {
    return inTransaction(this.pool, (client) =>
      publishReferences(client, [Topics.eventTypes], (messages) => this.log.send(messages)),
    );
  }
}
