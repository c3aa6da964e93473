import type { CreateOrder, Employer } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

/** Stores the personal data of an order, which is deleted with it. */
export async function saveOrderData(
  client: PoolClient,
  orderId: string,
  { user, metadata, correlationId }: CreateOrder,
): Promise<void> {
  await client.query(
    named(
      `insert into order_private (order_id, user_data, metadata, correlation_id)
       values (:orderId, :user, :metadata, :correlationId)`,
      {
        orderId,
        user: user && JSON.stringify(user),
        metadata: JSON.stringify(metadata),
        correlationId,
      },
    ),
  );
}

/** Stores what the order says about the employer of a verification. */
export async function saveEmployer(
  client: PoolClient,
  { orderId, verificationId }: { orderId: string; verificationId: string },
  employer: Employer,
): Promise<void> {
  await client.query(
    'insert into employer_private (verification_id, order_id, employer) values ($1, $2, $3)',
    [verificationId, orderId, JSON.stringify(employer)],
  );
}
