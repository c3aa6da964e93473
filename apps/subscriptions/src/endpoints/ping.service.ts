import { randomUUID } from 'node:crypto';

import {
  deliveredEventId,
  Topics,
  type EndpointPingData,
  type PingSent,
} from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { currentTraceparent } from '@casewire/telemetry';
import type { PoolClient } from 'pg';

import { endpoints, type Registry } from '../publication/registry.ts';
import { ofTenant, requestOf, type Tenant } from './endpoint-record.ts';

const source = '/casewire/registry';

/** Publishes test events, which go through the same pipeline as every event, to one endpoint. */
export class PingService {
  constructor(
    private readonly registry: Registry,
    private readonly log: Pick<EventLog, 'send'>,
    private readonly now: () => Date,
  ) {}

  /** @returns after the event was published, the id that the endpoint gets in `webhook-id` */
  ping(tenant: Tenant, endpointId: string, key: string | undefined): Promise<PingSent> {
    return this.registry.changeOnce(requestOf('POST ping', tenant, key, endpointId), (client) =>
      this.publish(client, tenant, endpointId),
    );
  }

  private async publish(client: PoolClient, tenant: Tenant, endpointId: string): Promise<PingSent> {
    const { dialect } = ofTenant(await endpoints.get(client, endpointId), tenant);
    const data: EndpointPingData = {
      endpointId,
      message: `This is a test webhook delivery from Casewire, in the dialect ${dialect}`,
    };
    const id = randomUUID();
    const traceparent = currentTraceparent();
    await this.log.send([
      {
        topic: Topics.registryEvents,
        key: endpointId,
        value: JSON.stringify(data),
        headers: {
          ce_specversion: '1.0',
          ce_id: id,
          ce_source: source,
          ce_type: 'endpoint.ping',
          ce_time: this.now().toISOString(),
          ce_subject: endpointId,
          ce_organization: tenant.organizationId,
          ce_environment: tenant.environment,
          'content-type': 'application/json',
          ...(traceparent && { traceparent }),
        },
      },
    ]);
    return { eventId: deliveredEventId(Topics.registryEvents, source, id) };
  }
}
