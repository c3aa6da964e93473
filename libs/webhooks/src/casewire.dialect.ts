import type { Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';
import { isTruEnrollEvent, truEnrollEnvelope } from './truenroll.dialect.ts';

/** The default: TruEnroll's envelope; for events that TruEnroll does not have, the event's data in its payload. */
export const casewire: Dialect = {
  name: 'casewire',
  vocabulary: null,
  nameOf: ({ type }) => type,
  body: (event) =>
    isTruEnrollEvent(event.type)
      ? truEnrollEnvelope(event)
      : { eventName: event.type, payload: { ...event.data, occurredAt: event.occurredAt } },
  // Two uploads of one case send bodies that look alike: this tells them apart.
  headers({ data }): Record<string, string> {
    return typeof data.uploadId === 'string' ? { 'casewire-upload-id': data.uploadId } : {};
  },
  secretHeaders: [],
  schedule: standardSchedule,
  timeoutMs: 15_000,
};
