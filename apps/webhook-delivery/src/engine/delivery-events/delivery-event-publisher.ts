import { Topics, type DeliveryEvent } from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import { LeaderTask } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Client, Pool } from 'pg';

import { leaderLocks } from '../../model/leader-locks.ts';

export interface DeliveryEventPublisherOptions {
  databaseUrl: string;
  /** Resolves when all of it is durable. */
  publish: (records: OutgoingRecord[]) => Promise<void>;
  logger: Logger;
  /** Delivery events that are published at a time; 500 by default. */
  batch?: number;
  /** How long to wait before looking again, in milliseconds. */
  idleMs?: number;
}

/**
 * Publishes delivery events in the order in which they were stored. A publisher that dies after it published and before it
 * marked the events publishes them again; readers recognize a delivery event by its id.
 */
export class DeliveryEventPublisher {
  private readonly task: LeaderTask;

  constructor(private readonly options: DeliveryEventPublisherOptions) {
    this.task = new LeaderTask({
      ...options,
      name: 'delivery-events.publish',
      lockSpace: leaderLocks.space,
      lockKeys: [leaderLocks.publishDeliveryEvents],
      round: (client) => this.round(client),
    });
  }

  start(): void {
    this.task.start();
  }

  stop(): Promise<void> {
    return this.task.stop();
  }

  private async round(client: Client): Promise<boolean> {
    const { publish, batch = 500 } = this.options;
    const { rows } = await client.query<DeliveryEventRow>({
      name: 'unpublished-delivery-events',
      text: unpublished,
      values: [batch],
    });
    if (rows.length === 0) return false;
    await publish(rows.map(deliveryEventRecord));
    await client.query(
      'update delivery_event set published_at = now() where id = any($1::bigint[])',
      [rows.map(({ id }) => id)],
    );
    return rows.length === batch;
  }
}

export interface DeliveryEventRow {
  id: string;
  destination_id: string;
  /** An outcome but for its time, as the statements of `outcome.sql` write it. */
  data: object;
  occurred_at: Date;
}

// By what is not published, never by `id > last`: a transaction that draws a lower number may commit later.
const unpublished = `
  select id, destination_id, data, occurred_at from delivery_event where published_at is null order by id limit $1`;

/** CloudEvents 1.0, Kafka binding, binary mode. The id is the outcome's own: the same at every publication. */
export function deliveryEventRecord({
  id,
  destination_id,
  data,
  occurred_at,
}: DeliveryEventRow): OutgoingRecord {
  const outcome = { ...data, occurredAt: occurred_at.toISOString() } as DeliveryEvent;
  return {
    topic: Topics.deliveryEvents,
    key: destination_id,
    value: JSON.stringify(outcome),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: '/casewire/deliveries',
      ce_type: outcome.type,
      ce_time: outcome.occurredAt,
      ce_organization: outcome.organizationId,
      ce_environment: outcome.environment,
      'content-type': 'application/json',
      ...(outcome.endpointId !== null && { ce_subject: outcome.endpointId }),
    },
  };
}

/**
 * Removes outcomes that were published before a moment, the oldest first, some at a time.
 * @returns how many were removed
 */
export async function removeDeliveryEvents(
  pool: Pool,
  before: Date,
  atOnce = 5000,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await pool.query(
      `delete from delivery_event o
       using (select id from delivery_event order by id limit $2) oldest
       where o.id = oldest.id and o.published_at < $1 and o.alerted_at is not null`,
      [before, atOnce],
    );
    removed += rowCount!;
    if (rowCount! < atOnce) return removed;
  }
}
