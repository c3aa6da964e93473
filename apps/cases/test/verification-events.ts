import { randomUUID } from 'node:crypto';

import {
  Topics,
  type Environment,
  type OrderErasedData,
  type VerificationState,
  type VerificationStateChangedData,
} from '@casewire/contracts';
import type { IncomingRecord, OutgoingRecord } from '@casewire/event-log';

/** A verification of an order, as the service of orders publishes it. */
export interface PublishedVerification {
  id: string;
  orderId: string;
  organizationId: string;
  environment: Environment;
}

export const verification = (
  changes: Partial<PublishedVerification> = {},
): PublishedVerification => ({
  id: randomUUID(),
  orderId: randomUUID(),
  organizationId: randomUUID(),
  environment: 'sandbox',
  ...changes,
});

const occurredAt = '2026-01-01T10:00:00.000Z';

/** The event that a verification has a state now. */
export function stateChanged(
  { id: verificationId, orderId, ...tenant }: PublishedVerification,
  state: VerificationState,
): OutgoingRecord {
  const data: VerificationStateChangedData = {
    orderId,
    orderNumber: 'CW-7F3K-9QXD',
    userId: null,
    templateId: 'casewire.identity',
    templateVersion: 1,
    metadata: {},
    occurredAt,
    verificationId,
    method: 'documents',
    state,
    previousState: null,
    reason: 'ORDER_CREATED',
  };
  return event('verification.state_changed', orderId, tenant, data);
}

/** The event that an order was deleted, with the ids of its verifications. */
export function orderErased(
  { orderId, ...tenant }: PublishedVerification,
  verificationIds: string[],
): OutgoingRecord {
  const data: OrderErasedData = { orderId, verificationIds, occurredAt };
  return event('order.erased', orderId, tenant, data);
}

function event(
  type: string,
  orderId: string,
  { organizationId, environment }: Pick<PublishedVerification, 'organizationId' | 'environment'>,
  data: object,
): OutgoingRecord {
  return {
    topic: Topics.casewireEvents,
    key: orderId,
    value: JSON.stringify(data),
    headers: {
      ce_specversion: '1.0',
      ce_id: `${orderId}/${randomUUID()}`,
      ce_source: '/casewire/orders',
      ce_type: type,
      ce_time: occurredAt,
      ce_subject: orderId,
      ce_organization: organizationId,
      ce_environment: environment,
      'content-type': 'application/json',
    },
  };
}

/** A record as it is read from a partition. */
export const read = (
  { topic, key, value, headers = {} }: OutgoingRecord,
  offset: number,
  partition = 0,
): IncomingRecord => ({
  topic,
  partition,
  offset: BigInt(offset),
  key,
  value: value === null ? null : Buffer.from(value),
  headers,
  timestamp: new Date(occurredAt),
});
