import {
  Topics,
  type CaseCommandMessage,
  type Environment,
  type VerificationMethod,
} from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import type { StoredEvent } from '@casewire/event-sourcing';

import type { DomainEventOf, OrderDomainEvent } from '../order/order-domain-event.ts';
import { outgoingEventOf, type OutgoingEvent } from './outgoing-event.ts';

/** What a record needs in addition to its domain event. */
export interface OrderContext {
  organizationId: string;
  environment: Environment;
  number: string;
  templateId: string;
  templateVersion: number;
  userId: string | null;
  /** Empty once the order is erased. */
  metadata: Record<string, string | number | boolean>;
  correlationId: string | null;
  verifications: ReadonlyMap<string, { method: VerificationMethod; employerId: string | null }>;
}

/** The `ce_source` of all events of this service. */
export const eventSource = '/casewire/orders';

/** Maps a domain event to Kafka records: an event for subscribers, a command for cases, or nothing. */
export function recordsOf(
  stored: StoredEvent<OrderDomainEvent>,
  context: OrderContext,
): OutgoingRecord[] {
  const { event, streamId: orderId } = stored;
  if (event.type === 'CaseCommandIssued') return [commandRecord(stored, event, context)];
  const outgoing = outgoingEventOf(orderId, event, context);
  return outgoing ? [eventRecord(stored, outgoing, context)] : [];
}

function commandRecord(
  { traceparent }: StoredEvent<OrderDomainEvent>,
  { command, commandId, caseId, requestedBy }: DomainEventOf<'CaseCommandIssued'>,
  { organizationId, environment }: OrderContext,
): OutgoingRecord {
  const about = { commandId, caseId, organizationId, environment, requestedBy };
  const message: CaseCommandMessage =
    command === 'RefreshCase'
      ? { type: command, ...about, stages: null, uploadIds: null }
      : { type: command, ...about };
  return {
    topic: Topics.caseCommands,
    key: caseId,
    value: JSON.stringify(message),
    headers: { 'content-type': 'application/json', ...(traceparent && { traceparent }) },
  };
}

/**
 * CloudEvents 1.0, Kafka binding, binary mode. The id is the position of the domain event in its stream: the
 * same at every publication.
 */
function eventRecord(
  { streamId: orderId, version, traceparent }: StoredEvent<OrderDomainEvent>,
  { type, occurredAt, data }: OutgoingEvent,
  { organizationId, environment, correlationId }: OrderContext,
): OutgoingRecord {
  return {
    topic: Topics.casewireEvents,
    key: orderId,
    value: JSON.stringify(data),
    headers: {
      ce_specversion: '1.0',
      ce_id: `${orderId}/${version}`,
      ce_source: eventSource,
      ce_type: type,
      ce_time: occurredAt,
      ce_subject: orderId,
      ce_organization: organizationId,
      ce_environment: environment,
      'content-type': 'application/json',
      ...(correlationId !== null && { ce_correlationid: correlationId }),
      ...(traceparent && { traceparent }),
    },
  };
}
