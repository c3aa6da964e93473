import type { DeliverableEvent } from '../../src/dialect.ts';
import type { EventData, EventName } from '../../src/receiver/events.ts';

export const occurredAt = '2026-02-04T14:08:00.000Z';

/** An event with default values for everything except type and data. */
export const sampleEvent = (
  type: string,
  data: Record<string, unknown>,
  over: Partial<DeliverableEvent> = {},
): DeliverableEvent => ({
  id: 'f47ac10b-58cc-5372-a567-0e02b2c3d479',
  type,
  version: 1,
  organizationId: 'a1b2c3d4-e5f6-4890-abcd-ef1234567890',
  environment: 'production',
  occurredAt,
  feature: null,
  subject: (data.orderId ?? data.caseId ?? null) as string | null,
  correlationId: null,
  data,
  ...over,
});

/** An event of the catalog: the compiler checks its data against the receiver's types. */
export const event = <Name extends EventName>(
  type: Name,
  data: EventData[Name],
  over: Partial<DeliverableEvent> = {},
): DeliverableEvent => sampleEvent(type, { ...data }, over);

/** Events by the names of their golden files. */
export type SampleEvents = readonly (readonly [string, DeliverableEvent])[];
