import type { Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';
import { isTruEnrollEvent, truEnrollEnvelope } from './truenroll.dialect.ts';

/** The default: TruEnroll's envelope; an event that TruEnroll does not have carries its data in the payload. */
export const casewire: Dialect = {
  name: 'casewire',
  eventNames: null,
  nameOf: ({ type }) => type,
  body: (event) =>
    isTruEnrollEvent(event.type)
      ? truEnrollEnvelope(event)
      : { eventName: event.type, payload: { ...event.data, occurredAt: event.occurredAt } },
  // The bodies for two uploads of one case can be identical: this header distinguishes them.
  headers({ data }): Record<string, string> {
    return typeof data.uploadId === 'string' ? { 'casewire-upload-id': data.uploadId } : {};
  },
  secretHeaders: [],
  schedule: standardSchedule,
  timeoutMs: 15_000,
};
