import type { Endpoint, Organization } from '@casewire/contracts';
import { named, transactionOn } from '@casewire/service';
import type { ClientBase } from 'pg';

import type { Alert, AlertExample, AlertKind } from './alert.ts';
import { notificationAbout, type Notification } from './notification.ts';

export interface NotificationRules {
  /** How old an alert must be before a notification is written, in milliseconds. */
  gatherMs: number;
  /** How long no other notification about the same endpoint and kind is written, in milliseconds. */
  quietMs: number;
  /** Whether notifications are sent, or only stored. */
  isSent: boolean;
  organizations: { get(id: string): Organization | undefined };
  endpoints: { get(id: string): Endpoint | undefined };
}

/**
 * Writes one notification for each organization with alerts that are old enough, unless there is a recent one about the same
 * endpoint and kind. The alerts of an organization without an address are closed without a notification.
 * One instance at a time may do this.
 * @returns how many notifications were written
 */
export async function writeNotifications(
  client: ClientBase,
  now: Date,
  rules: NotificationRules,
): Promise<number> {
  return transactionOn(client, async () => {
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
  client: ClientBase,
  now: Date,
  { gatherMs, quietMs }: NotificationRules,
): Promise<Alert[]> {
  const { rows } = await client.query<AlertRow>(
    `select id, organization_id, environment, endpoint_id, kind, count, first_at, last_at, detail from alert a
     where notification_id is null and first_at <= $1 and not exists (
       select from alert notified join notification n on n.id = notified.notification_id
       where (notified.organization_id, notified.environment, notified.kind) = (a.organization_id, a.environment, a.kind)
         and notified.endpoint_id is not distinct from a.endpoint_id and n.created_at > $2)
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
  client: ClientBase,
  organizationId: string,
  to: string,
  { subject, text }: Notification,
  now: Date,
  { isSent }: NotificationRules,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    named(
      `insert into notification (organization_id, recipient, subject, body, created_at, next_try_at)
       values (:organizationId, :to, :subject, :text, :now, case when :isSent then :now else 'infinity'::timestamptz end)
       returning id`,
      { organizationId, to, subject, text, now, isSent },
    ),
  );
  return rows[0]!.id;
}

/** Closes alerts. The id 0, which no notification has, means that there is no notification. */
async function close(client: ClientBase, alerts: readonly Alert[], notificationId: string | null) {
  await client.query('update alert set notification_id = $2 where id = any($1::bigint[])', [
    alerts.map(({ id }) => id),
    notificationId ?? '0',
  ]);
}
