import { Topics } from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { publishReferences } from '@casewire/event-sourcing';
import {
  idempotent,
  inTransaction,
  type AnswerSeal,
  type IdempotentRequest,
} from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

/** Answers of the catalog hold nothing secret: they are kept as they are. */
const unsealed: AnswerSeal = {
  seal: (value) => Buffer.from(value).toString('utf8'),
  open: (text) => Buffer.from(text),
};

/** Changes to the catalog: an answer is given only after what it says was acknowledged by the topic. */
export class Catalog {
  constructor(
    readonly pool: Pool,
    private readonly log: Pick<EventLog, 'send'>,
  ) {}

  async change<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const answer = await inTransaction(this.pool, work);
    await this.publish();
    return answer;
  }

  /** A change that takes effect once per Idempotency-Key. */
  changeOnce<T>(request: IdempotentRequest, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.change((client) => idempotent(client, request, unsealed, () => work(client)));
  }

  /** Publishes what the topic lags behind. */
  publish(): Promise<number> {
    return inTransaction(this.pool, (client) =>
      publishReferences(client, [Topics.eventTypes], (messages) => this.log.send(messages)),
    );
  }
}
