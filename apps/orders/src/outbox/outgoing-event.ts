import type {
  OrderCompletedData,
  OrderCreatedData,
  OrderErasedData,
  OrderRefreshFailedData,
  OrderStatusUpdatedData,
  TaskStatusUpdatedData,
  VerificationStateChangedData,
} from '@casewire/contracts';

import type { OrderDomainEvent } from '../order/order-domain-event.ts';
import type { OrderContext } from './order-records.ts';

/** The data of each event of this service, by name. */
interface EventData {
  'order.created': OrderCreatedData;
  'order.status_updated': OrderStatusUpdatedData;
  'order.completed': OrderCompletedData;
  'order.refresh_failed': OrderRefreshFailedData;
  'order.erased': OrderErasedData;
  'verification.state_changed': VerificationStateChangedData;
  'task.status_updated': TaskStatusUpdatedData;
}

/** An event for subscribers, before it becomes a record. */
export interface OutgoingEvent<T extends keyof EventData = keyof EventData> {
  type: T;
  occurredAt: string;
  data: EventData[T];
}

const of = <T extends keyof EventData>(type: T, data: EventData[T]): OutgoingEvent<T> => ({
  type,
  occurredAt: data.occurredAt,
  data,
});

/** The event that a domain event causes for subscribers; undefined if it causes none. */
export function outgoingEventOf(
  orderId: string,
  event: OrderDomainEvent,
  context: OrderContext,
): OutgoingEvent | undefined {
  const about = aboutOrder(orderId, event, context);
  switch (event.type) {
    case 'OrderCreated': {
      const verificationIds = event.verifications.map(({ verificationId }) => verificationId);
      return of('order.created', { ...about, status: 'pending', verificationIds });
    }
    case 'ReportCreated': {
      const { status, verificationId, taskId, caseId, reportId } = event;
      const connection = connectionOf(event, context);
      const data = { ...about, ...connection, status, verificationId, taskId, caseId, reportId };
      return of('order.status_updated', data);
    }
    case 'OrderCompleted': {
      const { status, results } = event;
      return of('order.completed', { ...about, status, results });
    }
    case 'TaskRefreshFailed': {
      const { failure: status, refreshId, verificationId, taskId, caseId } = event;
      const connection = connectionOf(event, context);
      const data = { ...about, ...connection, status, refreshId, verificationId, taskId, caseId };
      return of('order.refresh_failed', data);
    }
    case 'OrderDeleted': {
      const { verificationIds, at: occurredAt } = event;
      return of('order.erased', { orderId, verificationIds, occurredAt });
    }
    case 'VerificationStateChanged': {
      const { verificationId, state, previousState, reason } = event;
      const { method } = context.verifications.get(verificationId)!;
      const data = { ...about, verificationId, method, state, previousState, reason };
      return of('verification.state_changed', data);
    }
    case 'TaskStatusChanged': {
      const { taskId, verificationId, caseId, status, reason } = event;
      const { employerId: trackingInfo } = context.verifications.get(verificationId)!;
      const data = { ...about, taskId, verificationId, caseId, trackingInfo, status, reason };
      return of('task.status_updated', data);
    }
    case 'OrderStatusChanged':
    case 'InformationGiven':
    case 'TaskCreated':
    case 'TaskDocumentAssessed':
    case 'TaskReviewed':
    case 'TaskCaseCompleted':
    case 'RefreshRequested':
    case 'TaskRefreshEnded':
    case 'RefreshFinished':
    case 'CaseCommandIssued':
      return undefined;
  }
}

const aboutOrder = (
  orderId: string,
  { at: occurredAt }: OrderDomainEvent,
  { number: orderNumber, userId, templateId, templateVersion, metadata }: OrderContext,
) => ({ orderId, orderNumber, userId, templateId, templateVersion, metadata, occurredAt });

const connectionOf = (
  { verificationId, taskId }: { verificationId: string; taskId: string },
  { verifications }: OrderContext,
) => ({
  employerId: verifications.get(verificationId)!.employerId,
  dataSource: 'docs' as const,
  linkId: taskId,
});
