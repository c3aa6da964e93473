import { z } from 'zod';

import {
  CaseCanceledData,
  CaseCommandRefusedData,
  CaseCompletedData,
  CaseErasedData,
  CaseLinkedData,
  CaseRefreshCompletedData,
  CaseRefreshFailedData,
  CaseSubmittedData,
  stageEventName,
  StageFinishedData,
  UploadReceivedData,
} from './case-event.ts';
import {
  OrderCompletedData,
  OrderCreatedData,
  OrderErasedData,
  OrderRefreshFailedData,
  OrderStatusUpdatedData,
  TaskStatusUpdatedData,
  VerificationStateChangedData,
} from './order-event.ts';
import {
  CaseActionRequiredData,
  CaseRevisedData,
  DocumentAssessedData,
  DocumentRevisedData,
  ReviewAssignedData,
  ReviewOpenedData,
  ReviewResolvedData,
} from './review-event.ts';
import { Stage } from './stage.ts';

const stageEvents = Stage.options.flatMap((stage) => [
  { name: stageEventName(stage, 'completed'), data: StageFinishedData },
  { name: stageEventName(stage, 'failed'), data: StageFinishedData },
]);

/** A test event that an organization requested for its endpoint: it goes to that endpoint only. */
export const EndpointPingData = z.object({ endpointId: z.uuid(), message: z.string() });
export type EndpointPingData = z.infer<typeof EndpointPingData>;

/** Casewire's own active events: name -> schema of the data, at version 1. */
export const casewireEvents: ReadonlyMap<string, z.ZodObject> = new Map<string, z.ZodObject>([
  ...stageEvents.map(({ name, data }) => [name, data] as const),
  ['case.submitted', CaseSubmittedData],
  ['upload.received', UploadReceivedData],
  ['case.completed', CaseCompletedData],
  ['case.canceled', CaseCanceledData],
  ['case.action_required', CaseActionRequiredData],
  ['case.refresh.completed', CaseRefreshCompletedData],
  ['case.refresh.failed', CaseRefreshFailedData],
  ['case.revised', CaseRevisedData],
  ['document.assessed', DocumentAssessedData],
  ['document.revised', DocumentRevisedData],
  ['review.opened', ReviewOpenedData],
  ['review.assigned', ReviewAssignedData],
  ['review.resolved', ReviewResolvedData],
  ['case.linked', CaseLinkedData],
  ['case.erased', CaseErasedData],
  ['case.command.refused', CaseCommandRefusedData],
  ['order.created', OrderCreatedData],
  ['order.status_updated', OrderStatusUpdatedData],
  ['order.completed', OrderCompletedData],
  ['order.refresh_failed', OrderRefreshFailedData],
  ['order.erased', OrderErasedData],
  ['verification.state_changed', VerificationStateChangedData],
  ['task.status_updated', TaskStatusUpdatedData],
  ['endpoint.ping', EndpointPingData],
]);

/** Events between the services of the platform: no partner can subscribe to them. */
export const internalEvents: ReadonlySet<string> = new Set([
  'case.linked',
  'case.erased',
  'case.command.refused',
  'order.erased',
]);

/** Events of a case that also go to the callback URL of the case, or of the organization. */
export const callbackEvents: ReadonlySet<string> = new Set([
  'case.submitted',
  'case.completed',
  'review.opened',
  'document.revised',
  'case.revised',
]);
