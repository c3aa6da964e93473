import type { DeliverableEvent } from '../../src/dialect.ts';
import { caseEvents } from './sample-case-events.ts';
import { event } from './sample-event.ts';
import { orderEvents } from './sample-order-events.ts';
import { teamSampleEvents } from './sample-team-events.ts';

/** One event of each kind, by the name of its golden files. */
export const sampleEvents: ReadonlyMap<string, DeliverableEvent> = new Map([
  ...caseEvents,
  ...orderEvents,
  [
    'endpoint.ping',
    event('endpoint.ping', {
      endpointId: 'c0ffee00-0000-4000-8000-000000000001',
      message: 'This is a test webhook delivery from Casewire',
    }),
  ],
  ...teamSampleEvents,
]);
