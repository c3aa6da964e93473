import type { Endpoint, Organization } from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

import type { Alert, AlertExample, AlertKind } from './alert.ts';
import { inLeaderTransaction } from './gather-alerts.ts';
import { notificationAbout, type Notification } from './notification.ts';

export interface NotificationRules {
  /** How old a alert is when a notification is written about it. */
  gatherMs: number;
  /** How long no second notification is written about the same endpoint and kind. */
  quietMs: number;
  /** Whether notifications are sent, or only kept. */
  isSent: boolean;
  organizations: { get(id: string): Organization | undefined };
  endpoints: { get(id: string): Endpoint | undefined };
}

/**
 * Writes a notification to each organization of which alerts are old enough, unless one about the same was written lately. Alerts
 * of an organization without an address are closed.
 * @returns how many notifications were written
 */
export async function writeNotifications(
  pool: Pool,
  now: Date,
  rules: NotificationRules,
): Promise<number> {
  const written = await inLeaderTransaction(pool, async (client) => {
    const due = await dueAlerts(client, now, rules);
    const byOrganization = Map.groupBy(due, ({ organizationId }) => organizationId);
    let notifications = 0;
    for (const [id, alerts] of byOrganization) {
      const organization = rules.organizations.get(id);
      const to = organization?.notificationEmail ?? null;
      const notification =
        to === null ? null : notificationAbout(alerts, contextOf(organization!, rules));
      await close(
        client,
        alerts,
        notification && (await store(client, id, to!, notification, now, rules)),
      );
      if (notification) notifications++;
    }
    return notifications;
  });
  return written ?? 0;
}

const contextOf = ({ name: organization }: Organization, { endpoints }: NotificationRules) => ({
  organization,
  hostOf: (endpointId: string) => {
    const endpoint = endpoints.get(endpointId);
    return endpoint && new URL(endpoint.url).host;
  },
});

interface AlertRow {
  id: string;
  organization_id: string;
  environment: string;
  endpoint_id: string | null;
  kind: AlertKind;
  count: number;
  first_at: Date;
  last_at: Date;
  detail: { examples?: AlertExample[] };
}

async function dueAlerts(
  client: PoolClient,
  now: Date,
  { gatherMs, quietMs }: NotificationRules,
): Promise<Alert[]> {
  const { rows } = await client.query<AlertRow>(
    `select id, organization_id, environment, endpoint_id, kind, count, first_at, last_at, detail from alert n
     where notification_id is null and first_at <= $1 and not exists (
       select from alert told join notification l on l.id = told.notification_id
       where (told.organization_id, told.environment, told.kind) = (n.organization_id, n.environment, n.kind)
         and told.endpoint_id is not distinct from n.endpoint_id and l.created_at > $2)
     order by organization_id, environment, endpoint_id, id`,
    [new Date(now.getTime() - gatherMs), new Date(now.getTime() - quietMs)],
  );
  return rows.map((row) => ({
    id: row.id,
    organizationId: row.organization_id,
    environment: row.environment,
    endpointId: row.endpoint_id,
    kind: row.kind,
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    examples: row.detail.examples ?? [],
  }));
}

/** @returns the notification's id */
async function store(
  client: PoolClient,
  organizationId: string,
  to: string,
  { subject, text }: Notification,
  now: Date,
  { isSent }: NotificationRules,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into notification (organization_id, recipient, subject, body, created_at, next_try_at)
     values ($1, $2, $3, $4, $5, case when $6 then $5 else 'infinity'::timestamptz end) returning id`,
    [organizationId, to, subject, text, now, isSent],
  );
  return rows[0]!.id;
}

/** No notification has the id 0: nobody was written to. */
async function close(client: PoolClient, alerts: readonly Alert[], notification: string | null) {
  await client.query('update alert set notification_id = $2 where id = any($1::bigint[])', [
    alerts.map(({ id }) => id),
    notification ?? '0',
  ]);
}
