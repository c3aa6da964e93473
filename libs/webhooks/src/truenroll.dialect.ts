import { Stage, stageEventName } from '@casewire/contracts';

import type { DeliverableEvent, Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';

const eventNames = new Set(
  Stage.options.flatMap((stage) => [
    stageEventName(stage, 'completed'),
    stageEventName(stage, 'failed'),
  ]),
);

/** The eight terminal events that TruEnroll has (TE-7 to TE-14). */
export const isTruEnrollEvent = (eventType: string): boolean => eventNames.has(eventType);

/** {eventName, payload: {caseId, externalId, occurredAt}} and nothing else (TE-16). */
export const truEnrollEnvelope = ({ type, occurredAt, data }: DeliverableEvent) => ({
  eventName: type,
  payload: { caseId: data.caseId ?? null, externalId: data.externalId ?? null, occurredAt },
});

/** TruEnroll's own: its eight events in its envelope. A ping is about no case: its ids are null. */
export const truenroll: Dialect = {
  name: 'truenroll',
  vocabulary: new Map(Array.from(eventNames, (name) => [name, [name]])),
  nameOf: ({ type }) => (isTruEnrollEvent(type) || type === 'endpoint.ping' ? type : null),
  body: truEnrollEnvelope,
  headers: () => ({}),
  secretHeaders: [],
  schedule: standardSchedule,
  timeoutMs: 15_000,
};
