import {
  casewireEvents,
  internalEvents,
  teamEvents,
  type CaseActionRequiredData,
  type CaseCanceledData,
  type CaseCompletedData,
  type CaseRefreshCompletedData,
  type CaseRefreshFailedData,
  type CaseRevisedData,
  type CaseSubmittedData,
  type DocumentAssessedData,
  type DocumentRevisedData,
  type EndpointPingData,
  type OrderCompletedData,
  type OrderCreatedData,
  type OrderRefreshFailedData,
  type OrderStatusUpdatedData,
  type ReviewAssignedData,
  type ReviewOpenedData,
  type ReviewResolvedData,
  type StageFinishedData,
  type TaskStatusUpdatedData,
  type UploadReceivedData,
  type VerificationStateChangedData,
} from '@casewire/contracts';
import { expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';

import { sampleEvents } from '../../test/golden/sample-events.ts';
import { dialects } from '../dialects.ts';
import { laneOf, type CasewireEvent, type EventData, type EventName } from './events.ts';

/** The receiver's types are written by hand, without zod; here the compiler compares them with the contracts. */
interface Contracts {
  'case.extraction.completed': StageFinishedData;
  'case.submitted': z.infer<typeof CaseSubmittedData>;
  'upload.received': z.infer<typeof UploadReceivedData>;
  'case.completed': z.infer<typeof CaseCompletedData>;
  'case.canceled': z.infer<typeof CaseCanceledData>;
  'case.action_required': CaseActionRequiredData;
  'case.refresh.completed': z.infer<typeof CaseRefreshCompletedData>;
  'case.refresh.failed': z.infer<typeof CaseRefreshFailedData>;
  'endpoint.ping': EndpointPingData;
  'document.assessed': DocumentAssessedData;
  'review.opened': ReviewOpenedData;
  'review.assigned': ReviewAssignedData;
  'review.resolved': ReviewResolvedData;
  'document.revised': DocumentRevisedData;
  'case.revised': CaseRevisedData;
  'order.created': OrderCreatedData;
  'order.status_updated': OrderStatusUpdatedData;
  'order.completed': OrderCompletedData;
  'order.refresh_failed': OrderRefreshFailedData;
  'verification.state_changed': VerificationStateChangedData;
  'task.status_updated': TaskStatusUpdatedData;
}

/** Every event name, and no other: otherwise this does not compile. */
const names: Record<EventName, true> = {
  'case.classification.completed': true,
  'case.classification.failed': true,
  'case.extraction.completed': true,
  'case.extraction.failed': true,
  'case.forensics.completed': true,
  'case.forensics.failed': true,
  'case.translation.completed': true,
  'case.translation.failed': true,
  'case.submitted': true,
  'upload.received': true,
  'case.completed': true,
  'case.canceled': true,
  'case.action_required': true,
  'case.refresh.completed': true,
  'case.refresh.failed': true,
  'endpoint.ping': true,
  'document.assessed': true,
  'review.opened': true,
  'review.assigned': true,
  'review.resolved': true,
  'document.revised': true,
  'case.revised': true,
  'order.created': true,
  'order.status_updated': true,
  'order.completed': true,
  'order.refresh_failed': true,
  'verification.state_changed': true,
  'task.status_updated': true,
  'applicant.created': true,
  'applicant.updated': true,
  'applicant.approved': true,
  'applicant.rejected': true,
  'applicant.withdrawn': true,
  'applicant.submitted': true,
  'applicant.reviewed': true,
  'applicant.verification_complete': true,
  'screening.started': true,
  'screening.completed': true,
  'screening.hit': true,
  'session.completed': true,
  'workflow.action.webhook': true,
  'link.disconnected': true,
};

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Differing = {
  [Name in keyof Contracts]: Same<Contracts[Name], EventData[Name]> extends true ? never : Name;
}[keyof Contracts];

test('the types are the same as those of the contracts', () => {
  expectTypeOf<Differing>().toEqualTypeOf<never>();
  // The comparison finds a difference.
  expectTypeOf<Same<CaseRevisedData, DocumentRevisedData>>().toEqualTypeOf<false>();
  expect(Object.keys(names).toSorted()).toEqual(
    [...casewireEvents.keys(), ...teamEvents.keys()]
      // Internal to the services.
      .filter((name) => !internalEvents.has(name))
      .toSorted(),
  );
});

test('the name of an event determines the type of its payload', () => {
  const read = (event: CasewireEvent): string =>
    event.eventName === 'case.completed' ? event.payload.result : event.eventName;
  const body = dialects.casewire.body(sampleEvents.get('case.completed')!, { endpointId: null });
  expect(read(body as CasewireEvent)).toBe('succeeded');
});

test.each([
  ['case.extraction.failed', '6850abc1-23de-4f45-8ab7-89c0de1f2a3b/extraction'],
  ['case.submitted', '6850abc1-23de-4f45-8ab7-89c0de1f2a3b'],
  ['case.refresh.completed', '6850abc1-23de-4f45-8ab7-89c0de1f2a3b'],
  ['case.refresh.failed', '6850abc1-23de-4f45-8ab7-89c0de1f2a3b'],
  ['document.assessed.rejected', '6850abc1-23de-4f45-8ab7-89c0de1f2a3b'],
  ['order.created', '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10'],
  ['order.status_updated', '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10'],
  ['order.refresh_failed', '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10'],
  ['verification.state_changed', '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10'],
  ['task.status_updated', '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10'],
  ['session.completed', undefined],
])('the lane of %s is %s', (label, lane) => {
  const body = dialects.casewire.body(sampleEvents.get(label)!, { endpointId: null });
  expect(laneOf(body)).toBe(lane);
});
