import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient } from '@casewire/client';
import { Topics, type DialectName } from '@casewire/contracts';
import { start as startCatalog } from '@casewire/event-catalog';
import { EventLog, type OutgoingRecord } from '@casewire/event-log';
import { startInfrastructure, type Infrastructure } from '@casewire/standalone';
import { serviceEnv } from '@casewire/standalone';
import { start as startSubscriptions } from '@casewire/subscriptions';
import { Pool } from 'pg';

import { nowMs } from './clock.ts';

/** An organization with one endpoint: each of its events matches once. */
export interface Subscriber {
  organizationId: string;
}

interface Stoppable {
  stop(): Promise<void>;
}

/**
 * PostgreSQL, the broker, the catalog and the registry, with data in a temporary folder. `deliver` starts the delivery
 * service in its own process.
 */
export class DeliveryEnvironment {
  readonly subscribers: Subscriber[] = [];
  private delivery: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly infrastructure: Infrastructure,
    private readonly env: Record<string, string>,
    private readonly services: Stoppable[],
    private readonly log: EventLog,
    readonly pool: Pool,
    private readonly operator: OperatorClient,
  ) {}

  static async start(): Promise<DeliveryEnvironment> {
    const folder = mkdtempSync(join(tmpdir(), 'casewire-bench-'));
    // If root starts PostgreSQL, it runs as another user account, which needs access to this folder.
    chmodSync(folder, 0o755);
    const infrastructure = await startInfrastructure({ directory: folder });
    const { dependencies } = infrastructure;
    const env = serviceEnv(dependencies, { DELIVERY_SLOTS: process.env.DELIVERY_SLOTS });
    const catalog = await startCatalog(env);
    const subscriptions = await startSubscriptions(env);
    const log = new EventLog({ brokers: dependencies.brokers.split(','), clientId: 'bench' });
    const pool = new Pool({ connectionString: dependencies.databaseUrl('casewire_delivery') });
    const operator = new OperatorClient(subscriptions.url, dependencies.keys.operator);
    return new DeliveryEnvironment(
      folder,
      infrastructure,
      env,
      [subscriptions, catalog],
      log,
      pool,
      operator,
    );
  }

  /** Creates an organization with one endpoint for each URL. */
  async subscribe(urls: readonly string[], dialect: DialectName = 'casewire'): Promise<void> {
    for (const url of urls) {
      const { id } = await this.operator.createOrganization({
        name: 'Bench',
        egress: { allow: ['127.0.0.0/8'], plainHttp: true },
      });
      await this.operator.provisionEndpoint(id, { url, environment: 'production', dialect });
      this.subscribers.push({ organizationId: id });
    }
  }

  /** An event of a case; its data have the time of publishing. */
  event(subscriber: number, caseId: string, n: number): OutgoingRecord {
    const at = nowMs();
    const occurredAt = new Date(at).toISOString();
    return {
      topic: Topics.casewireEvents,
      key: caseId,
      value: JSON.stringify({
        caseId,
        externalId: `applicant-${n}`,
        occurredAt,
        result: 'succeeded',
        reference: `${at}`,
      }),
      headers: {
        ce_specversion: '1.0',
        ce_id: `${caseId}/${n}`,
        ce_source: '/casewire/bench',
        ce_type: 'case.completed',
        ce_time: occurredAt,
        ce_subject: caseId,
        ce_organization: this.subscribers[subscriber]!.organizationId,
        ce_environment: 'production',
        'content-type': 'application/json',
      },
    };
  }

  publish(records: OutgoingRecord[]): Promise<void> {
    return this.log.send(records);
  }

  /** Starts the delivery service, which ingests the events of the log; resolves to its process id. */
  async deliver(): Promise<number> {
    const child = fork(new URL('delivery-process.ts', import.meta.url), {
      execArgv: ['--import', '#register'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.env },
    });
    this.delivery = child;
    await once(child, 'message');
    return child.pid!;
  }

  async statements(): Promise<number> {
    const reply = once(this.delivery!, 'message');
    this.delivery!.send('statements');
    return ((await reply) as [{ statements: number }])[0].statements;
  }

  /** The process id of the database server. */
  async postgres(): Promise<string> {
    const { rows } = await this.pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const stat = readFileSync(`/proc/${rows[0]!.pid}/stat`, 'utf8');
    return /\) \S (\d+)/.exec(stat)![1]!;
  }

  /** Bytes that the database has written to its write-ahead log so far. */
  async written(): Promise<number> {
    const { rows } = await this.pool.query<{ bytes: string }>(
      `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes`,
    );
    return Number(rows[0]!.bytes);
  }

  async stop(): Promise<void> {
    if (this.delivery?.connected) {
      const gone = once(this.delivery, 'exit');
      this.delivery.disconnect();
      await gone;
    }
    await this.log.close();
    for (const service of this.services) await service.stop();
    await this.pool.end();
    await this.infrastructure.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
