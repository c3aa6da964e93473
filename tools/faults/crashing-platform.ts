import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { OperatorClient, PartnerClient, type Submission } from '@casewire/client';
import type { CaseView } from '@casewire/contracts';
import { startGateway, type Gateway } from '@casewire/standalone';
import { startInfrastructure, type Infrastructure } from '@casewire/standalone';
import { serviceEnv, serviceNames, type ServiceName } from '@casewire/standalone';
import { WebhookReceiver } from '@casewire/testing';
import { inject } from 'vitest';

import { prefixes } from '../dev/prefixes.ts';
import { ServiceProcess } from '../dev/service-process.ts';

/** For each service the crash points of its runs, one after the other; the run after the last one does not crash. */
export type CrashPlan = Partial<Record<ServiceName, string[]>>;

export interface CrashingPlatformOptions {
  /** Brokers to use instead of the embedded one. */
  brokers?: string;
  /** The administrator's URL of a PostgreSQL server to use instead of the one that all tests share. */
  postgresUrl?: string;
}

/** The organization that the tests act for, with a key of its sandbox. */
export interface CrashingPlatformPartner {
  operator: OperatorClient;
  client: PartnerClient;
  key: string;
  organizationId: string;
}

/** Every service in its own process, started again at once whenever it dies. */
export class CrashingPlatform {
  readonly deaths: { name: ServiceName; at: string }[] = [];
  private readonly died = new EventEmitter();
  private stopping = false;
  private readonly crashes = new Map<ServiceName, string[]>();
  private readonly routes: Record<string, string> = {};
  private readonly services = new Map<ServiceName, ServiceProcess>();
  private readonly loops: Promise<void>[] = [];
  private gateway!: Gateway;
  private infrastructure!: Infrastructure;
  readonly receiver = new WebhookReceiver();
  private readonly folder = mkdtempSync(join(tmpdir(), 'casewire-crashing-'));

  constructor(private readonly options: CrashingPlatformOptions = {}) {}

  /** What the services use: brokers, databases, keys. */
  get dependencies(): Infrastructure['dependencies'] {
    return this.infrastructure.dependencies;
  }

  get url(): string {
    return this.gateway.url;
  }

  async start(plan: CrashPlan = {}): Promise<CrashingPlatformPartner> {
    const { brokers, postgresUrl = inject('postgresUrl') } = this.options;
    this.infrastructure = await startInfrastructure({
      directory: this.folder,
      postgres: { url: postgresUrl, prefix: `k${randomUUID().slice(0, 8)}_` },
      ...(brokers !== undefined && { brokers }),
    });
    // Killed services leave temporary files; they are removed with the folder of the platform.
    const temporary = join(this.folder, 'tmp');
    mkdirSync(temporary);
    const env = serviceEnv(this.infrastructure.dependencies, {
      TMPDIR: temporary,
      RETRY_TIME_FACTOR: '0.01',
      OCR_WORKERS: '1',
    });
    for (const name of serviceNames) this.services.set(name, new ServiceProcess(name, env));
    for (const [name, crashes] of Object.entries(plan))
      this.crashes.set(name as ServiceName, [...crashes]);
    await this.startAndRestart('event-catalog');
    await this.startAndRestart('subscriptions');
    const rest = serviceNames.filter(
      (name) => name !== 'event-catalog' && name !== 'subscriptions',
    );
    await Promise.all(rest.map((name) => this.startAndRestart(name)));
    this.gateway = await startGateway(this.routes, 0);
    await this.receiver.start();
    const operator = new OperatorClient(
      this.gateway.url,
      this.infrastructure.dependencies.keys.operator,
    );
    const organization = await operator.createOrganization({
      name: 'Acme',
      audiences: ['partner', 'internal'],
      egress: { allow: ['127.0.0.0/8'], plainHttp: true },
    });
    const { key } = await operator.createApiKey(organization.id, { environment: 'sandbox' });
    const client = new PartnerClient(this.gateway.url, key);
    return { operator, client, key, organizationId: organization.id };
  }

  /** Kills a service with SIGKILL; it is started again at once, and then dies at the given crash points. */
  kill(name: ServiceName, crashes: string[] = []): void {
    this.crashes.set(name, [...crashes]);
    void this.services.get(name)!.stop('SIGKILL');
  }

  /** Pauses the process of a service, and lets it continue after `ms` milliseconds without noticing. */
  async freeze(name: ServiceName, ms: number): Promise<void> {
    const { pid } = this.services.get(name)!;
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGSTOP');
    await delay(ms);
    process.kill(pid, 'SIGCONT');
  }

  async untilDeaths(count: number): Promise<void> {
    while (this.deaths.length < count) await once(this.died, 'death');
  }

  /** Submits until the submission is accepted: one case, however often it is sent. */
  submit(client: PartnerClient, submission: Submission): Promise<CaseView> {
    return this.untilAccepted((key) => client.submit(submission, key));
  }

  /** Sends a request until it is accepted; the idempotency key makes it one request, however often it is sent. */
  async untilAccepted<T>(send: (key: string) => Promise<T>): Promise<T> {
    const key = randomUUID();
    for (let tries = 0; ; tries++) {
      try {
        return await send(key);
      } catch (error) {
        const { status } = error as { status?: number };
        if ((status !== undefined && status < 500) || tries > 600) throw error;
        await delay(200);
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.gateway?.stop();
    await Promise.all([...this.services.values()].map((service) => service.stop('SIGKILL')));
    await Promise.all(this.loops);
    await this.infrastructure?.stop();
    await this.receiver.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Resolves when the service has started for the first time. */
  private async startAndRestart(name: ServiceName): Promise<void> {
    const started = Promise.withResolvers<void>();
    this.loops.push(this.runAgainAndAgain(name, started));
    await started.promise;
  }

  private async runAgainAndAgain(
    name: ServiceName,
    started: PromiseWithResolvers<void>,
  ): Promise<void> {
    const service = this.services.get(name)!;
    for (let run = 0; !this.stopping; run++) {
      const at = this.crashes.get(name)?.shift();
      try {
        const url = await service.start(at === undefined ? {} : { CASEWIRE_CRASH_AT: at });
        for (const prefix of prefixes[name] ?? []) this.routes[prefix] = url;
        started.resolve();
      } catch (error) {
        // It ended before it had started: at a crash point, or because it cannot start at all.
        if (run === 0 && at === undefined) started.reject(error);
      }
      await service.gone();
      if (this.stopping) return;
      this.deaths.push({ name, at: at ?? 'killed' });
      this.died.emit('death');
    }
  }
}
