import type { TimelineEntry } from '@casewire/contracts';

import type { CaseContext } from '../outbox/case-records.ts';
import type { CaseHistoryEvent } from './case-event.query.ts';
import { momentOf } from './moment.ts';
import { publishedEventOf } from './published-event.ts';

/**
 * The moments of a case in order of time; those of one time in the order in which they were recorded.
 * @param history all of its domain events, in their order
 */
export function timelineOf(
  caseId: string,
  history: readonly CaseHistoryEvent[],
  context: CaseContext,
): TimelineEntry[] {
  const runs = runNumbers(history);
  return history
    .map((one): TimelineEntry => {
      const { at, what, uploadId, runId, stage, detail } = momentOf(one.event);
      return {
        at,
        what,
        uploadId: uploadId ?? null,
        stage: stage ?? null,
        run: runId === undefined ? null : (runs.get(runId) ?? null),
        eventId: publishedEventOf(caseId, one, context)?.id ?? null,
        detail: detail ?? null,
      };
    })
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** The number of each run that was requested. */
const runNumbers = (history: readonly CaseHistoryEvent[]): Map<string, number> =>
  new Map(
    history.flatMap(({ event }) =>
      event.type === 'StageRequested' ? [[event.runId, event.run] as const] : [],
    ),
  );
