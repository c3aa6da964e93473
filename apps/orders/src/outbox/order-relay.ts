import type { EventLog, OutgoingRecord } from '@casewire/event-log';
import { Relay, translateByStream } from '@casewire/event-sourcing';
import type { Logger } from '@casewire/telemetry';
import type { Client, Pool } from 'pg';

import type { OrderDomainEvent } from '../order/order-domain-event.ts';
import { recordsOf, type OrderContext } from './order-records.ts';

interface ContextRow {
  id: string;
  organization_id: string;
  environment: OrderContext['environment'];
  number: string;
  template_id: string;
  template_version: number;
  user_id: string | null;
  metadata: OrderContext['metadata'] | null;
  correlation_id: string | null;
  verifications: {
    id: string;
    method: 'instant' | 'documents' | 'outreach';
    employerId: string | null;
  }[];
}

const contextsSql = `
  select v.id, v.organization_id, v.environment, v.number, v.template_id, v.template_version, v.user_id, p.metadata,
    p.correlation_id,
    (select jsonb_agg(jsonb_build_object('id', r.id, 'method', r.method, 'employerId', r.employer_id))
       from verification_view r where r.order_id = v.id) as verifications
  from order_view v left join order_private p on p.order_id = v.id
  where v.id = any($1)`;

/** Publishes the domain events of orders: events for subscribers to events.casewire, commands to cases.commands. */
export function orderRelay(
  databaseUrl: string,
  log: EventLog,
  logger: Logger,
): Relay<OrderDomainEvent, OutgoingRecord> {
  return new Relay<OrderDomainEvent, OutgoingRecord>({
    databaseUrl,
    logger,
    translate: translateByStream(contextsOf, recordsOf),
    publish: (records) => log.send(records),
  });
}

/** What the records of these orders need in addition to their domain events, by order. */
export async function contextsOf(
  db: Pick<Client | Pool, 'query'>,
  orderIds: readonly string[],
): Promise<Map<string, OrderContext>> {
  const { rows } = await db.query<ContextRow>({
    name: 'order-contexts',
    text: contextsSql,
    values: [orderIds],
  });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        organizationId: row.organization_id,
        environment: row.environment,
        number: row.number,
        templateId: row.template_id,
        templateVersion: row.template_version,
        userId: row.user_id,
        metadata: row.metadata ?? {},
        correlationId: row.correlation_id,
        verifications: new Map(row.verifications.map(({ id, ...rest }) => [id, rest])),
      },
    ]),
  );
}
