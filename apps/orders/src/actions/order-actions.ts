import { actorOf, type Principal, type Sealer } from '@casewire/auth';
import type { Actor } from '@casewire/contracts';
import { actOnce, postRequest, type IsAbout, type PostRequest } from '@casewire/service';
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
  isAbout: IsAbout;
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
      const response = await actOnce(this.pool, post, this.sealer, (client, isAbout) =>
        work(client, { by, now, isAbout }),
      );
      crashPoint('orders.action-committed');
      this.relay.wake();
      return response;
    } catch (error) {
      throw apiErrorOf(error);
    }
  }
}
