import { Topics, type DeliveryEvent } from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import { LeaderTask } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Client, Pool } from 'pg';

import { leaderLocks } from '../../model/leader-locks.ts';

export interface DeliveryEventPublisherOptions {
  databaseUrl: string;
  /** Resolves when all records are durable. */
  publish: (records: OutgoingRecord[]) => Promise<void>;
  logger: Logger;
  /** How many events one publication contains at most. Default: 500. */
  batch?: number;
  /** Milliseconds between polls when no event is unpublished. */
  idleMs?: number;
}

/**
 * Publishes delivery events in the order in which they were stored. After a crash between publishing and marking they are
 * published again; consumers deduplicate by id.
 */
export class DeliveryEventPublisher {
  private readonly leader: LeaderTask;

  constructor(private readonly options: DeliveryEventPublisherOptions) {
    this.leader = new LeaderTask({
      ...options,
      name: 'delivery-events.publish',
      lockSpace: leaderLocks.space,
      lockKeys: [leaderLocks.publishDeliveryEvents],
      round: (client) => this.round(client),
    });
  }

  start(): void {
    this.leader.start();
  }

  stop(): Promise<void> {
    return this.leader.stop();
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
  /** The event without its time, as the statements of `delivery-event.sql.ts` store it. */
  data: object;
  occurred_at: Date;
}

// By `published_at`, never by `id > last`: a transaction with a lower id may commit later.
const unpublished = `
  select id, destination_id, data, occurred_at from delivery_event where published_at is null order by id limit $1`;

/** The Kafka record of a delivery event: CloudEvents 1.0, Kafka binding, binary mode. Its id is the same at every publication. */
export function deliveryEventRecord({
  id,
  destination_id,
  data,
  occurred_at,
}: DeliveryEventRow): OutgoingRecord {
  const event = { ...data, occurredAt: occurred_at.toISOString() } as DeliveryEvent;
  return {
    topic: Topics.deliveryEvents,
    key: destination_id,
    value: JSON.stringify(event),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: '/casewire/deliveries',
      ce_type: event.type,
      ce_time: event.occurredAt,
      ce_organization: event.organizationId,
      ce_environment: event.environment,
      'content-type': 'application/json',
      ...(event.endpointId !== null && { ce_subject: event.endpointId }),
    },
  };
}

/**
 * Removes delivery events that were published before a time and were checked for alerts, the oldest first, in batches.
 * @param atOnce the size of a batch
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
      `delete from delivery_event e
       using (select id from delivery_event order by id limit $2) oldest
       where e.id = oldest.id and e.published_at < $1 and e.alerted_at is not null`,
      [before, atOnce],
    );
    removed += rowCount!;
    if (rowCount! < atOnce) return removed;
  }
}
