import type { Sealer } from '@casewire/auth';
import type { Organization } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';

import { caseErasedType } from '../model/case-erased.ts';
import { EventRejected, laneKeyOf, type IncomingEvent } from '../model/incoming-event.ts';
import type { IngestBatch } from '../model/lane-store.ts';
import type { ReferenceData } from '../model/reference-data.ts';
import { eventCallbackOwner } from './callbacks.ts';
import type { DeliveryBuilder } from './delivery-builder.ts';
import { parseEvent } from './parse-event.ts';

export type Entry = IngestBatch['events'][number];

/** An event that was understood, and whom it is for. */
export interface Understood {
  event: IncomingEvent;
  organization: Organization;
}

/** Makes of a record what is stored and delivered of it, as the registry and the catalog are now. */
export class IntakeEntries {
  constructor(
    private readonly references: Omit<ReferenceData, 'catchUp'>,
    private readonly deliveries: DeliveryBuilder,
    private readonly sealer: Pick<Sealer, 'seal'>,
  ) {}

  /** @throws EventRejected */
  understand(record: IncomingRecord): Understood {
    const event = parseEvent(record, this.references.catalog);
    const organization = this.references.organization(event.organizationId);
    if (organization) return { event, organization };
    throw new EventRejected(
      'EVENT_ORGANIZATION_UNKNOWN',
      `there is no organization ${event.organizationId}`,
    );
  }

  /** @param partition where its record is */
  async of({ event, organization }: Understood, partition: number): Promise<Entry> {
    const { id, topic, key, type, callbackUrl } = event;
    const endpoints = this.references.endpointsOf(organization.id);
    return {
      event,
      lane: laneKeyOf(event),
      deliveries: await this.deliveries.of(event, organization, endpoints),
      erases: type === caseErasedType,
      callbackUrl:
        callbackUrl === null
          ? null
          : this.sealer.seal(Buffer.from(callbackUrl), eventCallbackOwner(id)),
      misplaced: this.references.isMisplaced(topic, partition, key),
    };
  }
}
