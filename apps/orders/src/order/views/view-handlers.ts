import type { PoolClient } from 'pg';

import type { DomainEventOf, OrderDomainEvent } from '../order-domain-event.ts';

/** A domain event that is applied to the read model. */
export interface Applied<T extends OrderDomainEvent['type']> {
  client: PoolClient;
  orderId: string;
  event: DomainEventOf<T>;
}

/** What each domain event changes in some tables of the read model. */
export type ViewHandlers = {
  readonly [T in OrderDomainEvent['type']]?: (applied: Applied<T>) => Promise<unknown>;
};
