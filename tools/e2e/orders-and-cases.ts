import { agree, reconcile } from '@casewire/cli/orders-and-cases';
import { isSettled, reconcile as reconcileDeliveries } from '@casewire/webhook-delivery/reconciler';
import { Client } from 'pg';

type DatabaseUrl = (name: string) => string;

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What orders and cases disagree about; empty if they agree. */
export function disagreements(databaseUrl: DatabaseUrl): Promise<unknown[]> {
  const found: unknown[] = [];
  const onDisagreement = (one: unknown) => void found.push(one);
  return connected(databaseUrl('casewire_orders'), (orders) =>
    connected(databaseUrl('casewire_cases'), async (cases) => {
      const reconciliation = await reconcile({ orders, cases }, { onDisagreement });
      return agree(reconciliation) ? [] : found;
    }),
  );
}

/** Whether every event since then is settled at every endpoint. */
export const isDelivered = (databaseUrl: DatabaseUrl, since: Date): Promise<boolean> =>
  connected(databaseUrl('casewire_delivery'), async (client) =>
    isSettled(await reconcileDeliveries(client, { since })),
  );

/** How many domain events of a service are not published. */
export const unpublished = (databaseUrl: DatabaseUrl, database: string): Promise<number> =>
  connected(databaseUrl(database), async (client) => {
    const { rows } = await client.query<{ count: number }>(
      'select count(*)::int as count from domain_event where not published',
    );
    return rows[0]!.count;
  });

/** The ids under which the events of orders are published, by the domain events that orders store. */
export const publishedIds = (databaseUrl: DatabaseUrl): Promise<string[]> =>
  connected(databaseUrl('casewire_orders'), async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select stream_id || '/' || version as id from domain_event
       where data->>'type' in ('OrderCreated', 'OrderCompleted', 'VerificationStateChanged', 'TaskStatusChanged', 'ReportCreated',
         'TaskRefreshFailed')`,
    );
    return rows.map(({ id }) => id);
  });
