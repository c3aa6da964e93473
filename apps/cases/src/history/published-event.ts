import {
  deliveredEventId,
  internalEvents,
  Topics,
  type CaseEvent,
  type CaseRevision,
} from '@casewire/contracts';

import { eventIdOf, eventSource, type CaseContext } from '../outbox/case-records.ts';
import { outgoingEventOf } from '../outbox/outgoing-event.ts';
import type { CaseHistoryEvent } from './case-event.query.ts';

/** The id that the event of a domain event has in deliveries. */
export const deliveredIdOf = (caseId: string, version: number): string =>
  deliveredEventId(Topics.casewireEvents, eventSource, eventIdOf(caseId, version));

/** The event for partners that a domain event causes, as it is published; undefined if it causes none. */
export function publishedEventOf(
  caseId: string,
  { version, event, published }: CaseHistoryEvent,
  context: CaseContext,
): CaseEvent | undefined {
  const outgoing = outgoingEventOf(caseId, event, context);
  if (!outgoing || internalEvents.has(outgoing.type)) return undefined;
  return {
    id: deliveredIdOf(caseId, version),
    type: outgoing.type,
    occurredAt: outgoing.occurredAt,
    published,
    data: outgoing.data as CaseEvent['data'],
  };
}

/**
 * The context as it was at a version of the stream: events before a revision were published with the data before it.
 * @param revisedAt the versions at which the case's own data were revised, in their order
 * @param revisions the data at each revision, in their order
 */
export function contextAt(
  context: CaseContext,
  version: number,
  revisedAt: readonly number[],
  revisions: readonly CaseRevision[],
): CaseContext {
  const later = revisedAt.filter((one) => one > version).length;
  const then = later === 0 ? undefined : revisions.at(-1 - later);
  return then ? { ...context, externalId: then.externalId, reference: then.reference } : context;
}
