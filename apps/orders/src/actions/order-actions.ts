import { actorOf, type Principal, type Sealer } from '@casewire/auth';
import type { Actor } from '@casewire/contracts';
import {
  idempotent,
  inTransaction,
  postRequest,
  saveResponseSubject,
  type PostRequest,
} from '@casewire/service';
import { crashPoint } from '@casewire/telemetry';
import type { Pool, PoolClient } from 'pg';

import { apiErrorOf } from './refused-command.ts';

/** Publishes the events of an order soon after it is woken. */
export interface Wakeable {
  wake(): void;
}

/** What an action needs for its commands. */
export interface ActionContext {
  by: Actor;
  now: Date;
  /** Says which order the response is about, so that the stored response is erased with it. */
  isAbout: (orderId: string) => Promise<void>;
}

/** Carries out requests that change templates and orders, each once per Idempotency-Key and in one transaction. */
export class OrderActions {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Pick<Sealer, 'seal' | 'open'>,
    private readonly relay: Wakeable,
    private readonly now: () => Date,
  ) {}

  /**
   * @param work runs in the transaction; what it returns is the response
   * @throws ApiError for a command that the order refuses: 409 that says what is allowed, 403, 404
   */
  async run<T>(
    principal: Principal,
    request: PostRequest,
    work: (client: PoolClient, context: ActionContext) => Promise<T>,
  ): Promise<T> {
    const { organizationId, environment } = principal;
    const post = postRequest(`${organizationId}/${environment}`, request);
    const by = actorOf(principal);
    const now = this.now();
    try {
      const response = await inTransaction(this.pool, (client) =>
        idempotent(client, post, this.sealer, () =>
          work(client, {
            by,
            now,
            isAbout: (orderId) => saveResponseSubject(client, post, orderId),
          }),
        ),
      );
      crashPoint('orders.action-committed');
      this.relay.wake();
      return response;
    } catch (error) {
      throw apiErrorOf(error);
    }
  }
}
