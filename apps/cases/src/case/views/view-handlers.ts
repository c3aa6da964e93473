import type { PoolClient } from 'pg';

import type { CaseDomainEvent, DomainEventOf } from '../case-domain-event.ts';

/** The domain event to apply, with its case and its position in the stream. */
export interface Applied<T extends CaseDomainEvent['type']> {
  client: PoolClient;
  caseId: string;
  version: number;
  event: DomainEventOf<T>;
}

/** By type of domain event, what it changes in some tables of the read model. */
export type ViewHandlers = {
  readonly [T in CaseDomainEvent['type']]?: (applied: Applied<T>) => Promise<unknown>;
};
