import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { OperatorClient, PartnerClient } from '@casewire/client';
import { start as startCatalog } from '@casewire/event-catalog';
import { EventLog, type OutgoingRecord } from '@casewire/event-log';
import { serviceEnv, startInfrastructure } from '@casewire/standalone';
import { start as startSubscriptions } from '@casewire/subscriptions';
import { Pool } from 'pg';

import { startBroker } from './broker.ts';
import { disconnectChild, nextMessage, startChild } from './child.ts';
import type { Processes } from './cpu.ts';
import { EventSource } from './events.ts';
import type { Options } from './options.ts';
import { NothingArrives } from './receiver.ts';

/** An organization with one endpoint: each of its events matches once. */
interface Subscriber {
  organizationId: string;
  endpointId: string;
}

interface Parts {
  env: Record<string, string>;
  brokerPid: number;
  subscriptionsUrl: string;
  operatorKey: string;
  log: EventLog;
  pool: Pool;
  events: EventSource;
  /** Ends what was started, in this order. */
  ends: (() => Promise<unknown> | void)[];
}

/**
 * PostgreSQL and a broker in processes of their own, the catalog and the registry in this one, with data in a temporary folder.
 * `deliver` starts the delivery service in its own process.
 */
export class DeliveryEnvironment {
  private readonly subscribers: Subscriber[] = [];
  private readonly operator: OperatorClient;
  private delivery: ChildProcess | undefined;

  private constructor(private readonly parts: Parts) {
    this.operator = new OperatorClient(parts.subscriptionsUrl, parts.operatorKey);
  }

  static async start({
    kafka,
    bodyBytes,
  }: Pick<Options, 'kafka' | 'bodyBytes'>): Promise<DeliveryEnvironment> {
    const ends: Parts['ends'] = [];
    try {
      const folder = mkdtempSync(join(tmpdir(), 'casewire-bench-'));
      ends.unshift(() => rmSync(folder, { recursive: true, force: true }));
      // If root starts PostgreSQL, it runs as another user account, which needs access to this folder.
      chmodSync(folder, 0o755);
      const broker = await startBroker(kafka, join(folder, 'broker'));
      ends.unshift(() => broker.stop());
      const infrastructure = await startInfrastructure({
        directory: join(folder, 'data'),
        brokers: broker.brokers,
      });
      ends.unshift(() => infrastructure.destroy());
      const { dependencies } = infrastructure;
      const env = serviceEnv(dependencies, {
        DELIVERY_SLOTS: process.env.DELIVERY_SLOTS,
        // What is tried again while a broker starts is a warning.
        LOG_LEVEL: 'error',
      });
      const catalog = await startCatalog(env);
      ends.unshift(() => catalog.stop());
      const subscriptions = await startSubscriptions(env);
      ends.unshift(() => subscriptions.stop());
      const pool = new Pool({ connectionString: dependencies.databaseUrl('casewire_delivery') });
      ends.unshift(() => pool.end());
      const log = new EventLog({ brokers: [broker.brokers], clientId: 'bench' });
      ends.unshift(() => log.close());
      return new DeliveryEnvironment({
        env,
        brokerPid: broker.pid,
        subscriptionsUrl: subscriptions.url,
        operatorKey: dependencies.keys.operator,
        log,
        pool,
        events: new EventSource(bodyBytes),
        ends,
      });
    } catch (error) {
      for (const end of ends) await end();
      throw error;
    }
  }

  /** Creates an organization with one endpoint for each URL. */
  async subscribe(urls: readonly string[]): Promise<void> {
    for (const url of urls) {
      const { id } = await this.operator.createOrganization({
        name: 'Bench',
        egress: { allow: ['127.0.0.0/8'], plainHttp: true },
      });
      const endpoint = await this.operator.provisionEndpoint(id, {
        url,
        environment: 'production',
      });
      this.subscribers.push({ organizationId: id, endpointId: endpoint.id });
    }
  }

  /** Returns what enables or disables the endpoints of these subscribers, all at the same time. */
  async switchOf(places: readonly number[]): Promise<(enabled: boolean) => Promise<void>> {
    const changes = await Promise.all(
      places.map(async (place) => {
        const { organizationId, endpointId } = this.subscribers[place]!;
        const { key } = await this.operator.createApiKey(organizationId, {
          environment: 'production',
        });
        const partner = new PartnerClient(this.parts.subscriptionsUrl, key);
        return (enabled: boolean) => partner.changeEndpoint(endpointId, { enabled });
      }),
    );
    return async (enabled) => {
      await Promise.all(changes.map((change) => change(enabled)));
    };
  }

  /** The next event of a case; its data have the present time, as that of publishing. */
  event(subscriber: number, caseId: string): OutgoingRecord {
    return this.parts.events.next(this.subscribers[subscriber]!.organizationId, caseId);
  }

  publish(records: OutgoingRecord[]): Promise<void> {
    return this.parts.log.send(records);
  }

  /** Starts the delivery service, which ingests the events of the log. */
  async deliver(): Promise<void> {
    const { child } = await startChild('delivery-process.ts', this.parts.env);
    this.delivery = child;
  }

  /** The process id of the delivery service. */
  get deliveryPid(): number {
    return this.delivery!.pid!;
  }

  /** The processes that run now. `driver` is this one: it has the publisher, the catalog and the registry. */
  async processes(): Promise<Processes> {
    const { rows } = await this.parts.pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    // The server is the parent of its backends.
    const stat = readFileSync(`/proc/${rows[0]!.pid}/stat`, 'utf8');
    return {
      ...(this.delivery && { delivery: this.deliveryPid }),
      postgres: Number(/\) \S (\d+)/.exec(stat)![1]),
      broker: this.parts.brokerPid,
      driver: process.pid,
    };
  }

  /** Resolves when `count` deliveries are stored. @throws NothingArrives if none was stored for `stalledMs` */
  async untilStored(count: number, stalledMs = 60_000): Promise<void> {
    let seen = -1;
    let since = performance.now();
    for (;;) {
      const { rows } = await this.parts.pool.query<{ stored: number }>(
        'select count(*)::int as stored from delivery',
      );
      const { stored } = rows[0]!;
      if (stored >= count) return;
      if (stored !== seen) {
        seen = stored;
        since = performance.now();
      } else if (performance.now() - since > stalledMs)
        throw new NothingArrives(`${stored} of ${count} deliveries are stored`);
      await delay(1000);
    }
  }

  /** SQL statements of the delivery service so far. */
  async statements(): Promise<number> {
    const reply = nextMessage<{ statements: number }>(this.delivery!);
    this.delivery!.send('statements');
    return (await reply).statements;
  }

  /** Bytes that the database has written to its write-ahead log so far. */
  async written(): Promise<number> {
    const { rows } = await this.parts.pool.query<{ bytes: string }>(
      `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes`,
    );
    return Number(rows[0]!.bytes);
  }

  async stop(): Promise<void> {
    if (this.delivery) await disconnectChild(this.delivery);
    for (const end of this.parts.ends) await end();
  }
}
