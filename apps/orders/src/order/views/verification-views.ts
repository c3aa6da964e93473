import type { PoolClient } from 'pg';

import type { DomainEventOf } from '../order-domain-event.ts';
import type { ViewHandlers } from './view-handlers.ts';

/** The rows of verifications, and of the information that was given for them. */
export const verificationViews: ViewHandlers = {
  OrderCreated: ({ client, event }) => insertVerifications(client, event),
  VerificationStateChanged: ({ client, event }) =>
    client.query(
      'update verification_view set state = $2, reason = $3, changed_at = $4 where id = $1',
      [event.verificationId, event.state, event.reason, event.at],
    ),
  InformationGiven: ({ client, orderId, event }) =>
    client.query(
      `insert into information_view (id, verification_id, order_id, given_by, given_at) values ($1, $2, $3, $4, $5)`,
      [event.informationId, event.verificationId, orderId, JSON.stringify(event.givenBy), event.at],
    ),
};

async function insertVerifications(
  client: PoolClient,
  { orderId, verifications }: DomainEventOf<'OrderCreated'>,
): Promise<void> {
  for (const [index, one] of verifications.entries())
    await client.query(
      `insert into verification_view (id, order_id, position, name, method, document_types, features, approval, employer_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        one.verificationId,
        orderId,
        index + 1,
        one.name,
        one.method,
        one.documentTypes,
        one.features,
        one.approval,
        one.employerId,
      ],
    );
}
