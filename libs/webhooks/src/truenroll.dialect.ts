import { Stage, stageEventName } from '@casewire/contracts';

import type { DeliverableEvent, Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';

const stageEventTypes = new Set(
  Stage.options.flatMap((stage) => [
    stageEventName(stage, 'completed'),
    stageEventName(stage, 'failed'),
  ]),
);

/** The eight terminal events that TruEnroll has (TE-7 to TE-14). */
export const isTruEnrollEvent = (eventType: string): boolean => stageEventTypes.has(eventType);

/** Exactly {eventName, payload: {caseId, externalId, occurredAt}} (TE-16). */
export const truEnrollEnvelope = ({ type, occurredAt, data }: DeliverableEvent) => ({
  eventName: type,
  payload: { caseId: data.caseId ?? null, externalId: data.externalId ?? null, occurredAt },
});

/** TruEnroll's eight events in its envelope. A ping has no case: its ids are null. */
export const truenroll: Dialect = {
  name: 'truenroll',
  eventNames: new Map(Array.from(stageEventTypes, (name) => [name, [name]])),
  nameOf: ({ type }) => (isTruEnrollEvent(type) || type === 'endpoint.ping' ? type : null),
  body: truEnrollEnvelope,
  headers: () => ({}),
  secretHeaders: [],
  schedule: standardSchedule,
  timeoutMs: 15_000,
};
