import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient, PartnerClient } from '@casewire/client';
import { EventLog } from '@casewire/event-log';
import {
  serviceEnv,
  startInfrastructure,
  type Infrastructure,
  type ServiceName,
} from '@casewire/standalone';
import { WebhookReceiver } from '@casewire/testing';
import { inject } from 'vitest';

import { ServiceProcess } from '../dev/service-process.ts';

/** The services that deliveries need, each in its own process, with an event log to publish to and a receiver. */
export class DeliveryServices {
  private readonly processes: ServiceProcess[] = [];

  private constructor(
    /** A temporary folder, removed by `stop`. */
    readonly folder: string,
    private readonly infrastructure: Infrastructure,
    readonly receiver: WebhookReceiver,
    readonly log: EventLog,
  ) {}

  /** Starts the infrastructure and the receiver, but no service. */
  static async start(): Promise<DeliveryServices> {
    const folder = mkdtempSync(join(tmpdir(), 'casewire-services-'));
    const infrastructure = await startInfrastructure({
      directory: folder,
      postgres: { url: inject('postgresUrl'), prefix: `d${randomUUID().slice(0, 8)}_` },
    });
    const { brokers } = infrastructure.dependencies;
    const log = new EventLog({ brokers: [brokers], clientId: 'test' });
    return new DeliveryServices(folder, infrastructure, await new WebhookReceiver().start(), log);
  }

  /** A process for the service, which is not started yet. */
  process(name: ServiceName): ServiceProcess {
    const made = new ServiceProcess(name, serviceEnv(this.infrastructure.dependencies));
    this.processes.push(made);
    return made;
  }

  /** Starts the catalog and the registry, and creates a partner with an endpoint for completed cases. */
  async partner() {
    await this.process('event-catalog').start();
    const registry = await this.process('subscriptions').start();
    const operator = new OperatorClient(registry, this.infrastructure.dependencies.keys.operator);
    const { id: organizationId } = await operator.createOrganization({
      name: 'Acme',
      egress: { allow: ['127.0.0.0/8'], plainHttp: true },
    });
    const { key } = await operator.createApiKey(organizationId, { environment: 'sandbox' });
    const client = new PartnerClient(registry, key);
    const { id: endpointId } = await client.createEndpoint({
      url: this.receiver.url('/hook'),
      eventTypes: ['case.completed'],
    });
    return { organizationId, key, client, endpointId };
  }

  /** Kills the services, and removes all data. */
  async stop(): Promise<void> {
    await this.log.close();
    await Promise.all(this.processes.map((one) => one.stop('SIGKILL')));
    await this.receiver.stop();
    await this.infrastructure.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
