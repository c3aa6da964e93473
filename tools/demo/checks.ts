import type { PartnerClient } from '@casewire/client';
import { stageEventName } from '@casewire/contracts';

import type { ReceivedEvent } from './receiver.ts';
import { expectedEnd, stagesOf, type SubmittedCase } from './scenario.ts';

export interface Check {
  what: string;
  /** What is wrong; empty if the check passed. */
  faults: string[];
}

/** The expected stage events of a case: event name and upload. */
const expectedEvents = (one: SubmittedCase): string[] =>
  one.uploads.flatMap((upload) =>
    stagesOf(one, upload).map(
      (stage) => `${stageEventName(stage, expectedEnd(upload, stage))} ${upload.id}`,
    ),
  );

/** Whether all expected events have arrived. */
export const isComplete = (
  cases: readonly SubmittedCase[],
  events: readonly ReceivedEvent[],
): boolean =>
  cases.every((one) =>
    events.some(({ eventName, caseId }) => eventName === 'case.completed' && caseId === one.id),
  ) &&
  cases
    .flatMap(expectedEvents)
    .every((expected) => events.some((event) => keyOf(event) === expected));

const keyOf = ({ eventName, uploadId }: ReceivedEvent) => `${eventName} ${uploadId}`;

export function checkEvents(
  cases: readonly SubmittedCase[],
  events: readonly ReceivedEvent[],
): Check {
  const expected = cases.flatMap(expectedEvents).toSorted();
  const stageEvents = events.filter(({ eventName }) =>
    /^case\.\w+\.(completed|failed)$/.test(eventName),
  );
  const got = [...new Set(stageEvents.map(keyOf))].toSorted();
  const faults = [
    ...expected.filter((one) => !got.includes(one)).map((one) => `missing: ${one}`),
    ...got.filter((one) => !expected.includes(one)).map((one) => `not expected: ${one}`),
  ];
  return { what: `${expected.length} stage events, each once and no other`, faults };
}

export function checkSignatures(events: readonly ReceivedEvent[]): Check {
  const faults = events
    .filter(({ signed }) => !signed)
    .map(({ eventName }) => `${eventName} was not signed`);
  return { what: `${events.length} signatures verified by standardwebhooks`, faults };
}

/** Every lane counts from 1 without a gap, and each event has the id of the previous one. */
export function checkOrder(events: readonly ReceivedEvent[]): Check {
  const lanes = new Map<string, ReceivedEvent[]>();
  for (const event of events) {
    const feature =
      /^case\.(classification|extraction|forensics|translation)\./.exec(event.eventName)?.[1] ?? '';
    const lane = `${event.caseId} ${feature}`;
    lanes.set(lane, [...(lanes.get(lane) ?? []), event]);
  }
  const faults: string[] = [];
  for (const [lane, inLane] of lanes) {
    inLane.forEach(({ sequence, previousId }, i) => {
      const before = inLane[i - 1]?.webhookId ?? null;
      if (sequence !== i + 1 || previousId !== before)
        faults.push(`${lane}: number ${sequence} arrived at place ${i + 1}`);
    });
  }
  return { what: `${lanes.size} lanes in order, without a gap`, faults };
}

export function checkSuppression(
  cases: readonly SubmittedCase[],
  events: readonly ReceivedEvent[],
): Check {
  const silent = cases.flatMap(({ uploads }) => uploads.filter(({ classify }) => !classify));
  const faults = events
    .filter(
      ({ eventName, uploadId }) =>
        eventName.startsWith('case.classification') && silent.some(({ id }) => id === uploadId),
    )
    .map(({ eventName }) => `${eventName} for an upload with classify:false`);
  return {
    what: `no classification event for ${silent.length} upload with classify:false`,
    faults,
  };
}

/** Every result can be read, and failed stages have a reason. */
export async function checkResults(
  client: PartnerClient,
  cases: readonly SubmittedCase[],
): Promise<Check> {
  const faults: string[] = [];
  let read = 0;
  for (const one of cases) {
    for (const upload of one.uploads) {
      for (const stage of stagesOf(one, upload)) {
        const { uploads } = await client.results(one.id, stage);
        const found = uploads.find(({ uploadId }) => uploadId === upload.id);
        const failed = expectedEnd(upload, stage) === 'failed';
        if (failed ? !found?.failure : !found?.result)
          faults.push(`${one.externalId} ${stage}: no result`);
        else read++;
      }
    }
  }
  return { what: `${read} results read back over the API`, faults };
}

/** Compares the fields that were read from the documents with the fields that the generator printed. */
export async function checkFields(
  client: PartnerClient,
  cases: readonly SubmittedCase[],
): Promise<Check> {
  const faults: string[] = [];
  let right = 0;
  let expected = 0;
  for (const one of cases.filter(({ features }) => features.includes('extraction'))) {
    const { uploads } = await client.results(one.id, 'extraction');
    for (const { uploadId, result } of uploads) {
      const truth = one.uploads.find(({ id }) => id === uploadId)!.sample.truth.fields;
      const { fields } = result as { fields: { name: string; value: string }[] };
      const matching = Object.entries(truth).filter(([name, value]) =>
        fields.some((field) => field.name === name && field.value === value),
      );
      right += matching.length;
      expected += Object.keys(truth).length;
      if (matching.length < Object.keys(truth).length / 2)
        faults.push(`${one.externalId}: ${matching.length} fields`);
    }
  }
  return { what: `${right} of ${expected} fields read exactly as they were printed`, faults };
}
