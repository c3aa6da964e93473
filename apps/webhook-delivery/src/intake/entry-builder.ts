import type { Sealer } from '@casewire/auth';
import type { Organization } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';

import { erasingTypes } from '../model/erasing-types.ts';
import { EventRejected, laneKeyOf, type IncomingEvent } from '../model/incoming-event.ts';
import type { IngestBatch } from '../model/lane-store.ts';
import type { ReferenceData } from '../model/reference-data.ts';
import type { DeliveryBuilder } from './delivery-builder.ts';
import { eventCallbackSealContext } from './match-callback.ts';
import { parseEvent } from './parse-event.ts';

export type Entry = IngestBatch['events'][number];

/** A parsed event, with the organization that it is for. */
export interface ParsedRecord {
  event: IncomingEvent;
  organization: Organization;
}

/** Builds the event and its deliveries, as they are stored, from a record and the current registry and catalog. */
export class EntryBuilder {
  constructor(
    private readonly references: Omit<ReferenceData, 'catchUp'>,
    private readonly deliveries: DeliveryBuilder,
    private readonly sealer: Pick<Sealer, 'seal'>,
  ) {}

  /** @throws EventRejected if the record is not a valid event, or its organization does not exist */
  parse(record: IncomingRecord): ParsedRecord {
    const event = parseEvent(record, this.references.catalog);
    const organization = this.references.organization(event.organizationId);
    if (organization) return { event, organization };
    throw new EventRejected(
      'EVENT_ORGANIZATION_UNKNOWN',
      `there is no organization ${event.organizationId}`,
    );
  }

  /** @param partition the partition of its record */
  async build({ event, organization }: ParsedRecord, partition: number): Promise<Entry> {
    const { id, topic, key, type, callbackUrl } = event;
    const endpoints = this.references.endpointsOf(organization.id);
    return {
      event,
      lane: laneKeyOf(event),
      deliveries: await this.deliveries.build(event, organization, endpoints),
      erases: erasingTypes.has(type),
      callbackUrl:
        callbackUrl === null
          ? null
          : this.sealer.seal(Buffer.from(callbackUrl), eventCallbackSealContext(id)),
      misplaced: this.references.isMisplaced(topic, partition, key),
    };
  }
}
