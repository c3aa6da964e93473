import type { Target } from './story.ts';
import type { Verification } from './verification.ts';

/** A request as it must arrive. */
export interface ExpectedRequest {
  target: Target;
  event: string;
  /** The name of the case or of the order. */
  about: string;
  fields: Record<string, unknown>;
}

/** A request as it arrived. */
export interface StoryRequest extends ExpectedRequest {
  verifications: Verification[];
}

type Named = Pick<ExpectedRequest, 'target' | 'event' | 'about'>;

const laneOf = ({ target, about }: Named): string => `${target}, ${about}`;
const labelOf = (request: Named): string => `${request.event} (${laneOf(request)})`;

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> =>
  Map.groupBy(items, keyOf);

/** The expected requests that did not arrive. */
export function missing(
  expected: readonly ExpectedRequest[],
  received: readonly Named[],
): ExpectedRequest[] {
  const arrived = grouped(received, labelOf);
  return [...grouped(expected, labelOf)].flatMap(([label, requests]) =>
    requests.slice(arrived.get(label)?.length ?? 0),
  );
}

/**
 * What is wrong with the requests of a story.
 * @param expected in the order of each case and each order, for each target
 * @param received in the order of their arrival
 * @returns a sentence for each fault: missing, too often, not expected, out of order, not verified, or another value
 */
export function faultsOf(
  expected: readonly ExpectedRequest[],
  received: readonly StoryRequest[],
): string[] {
  return [
    ...missing(expected, received).map((request) => `${labelOf(request)} is missing`),
    ...superfluous(expected, received),
    ...outOfOrder(expected, received),
    ...otherValues(expected, received),
    ...unverified(received),
  ];
}

function superfluous(expected: readonly Named[], received: readonly Named[]): string[] {
  const awaited = grouped(expected, labelOf);
  return [...grouped(received, labelOf)].flatMap(([label, requests]) => {
    const count = awaited.get(label)?.length ?? 0;
    if (requests.length <= count) return [];
    return count === 0
      ? [`${label} is not expected`]
      : [`${label} came ${requests.length} times, not ${count}`];
  });
}

/** The order within a lane, among the requests that were expected and arrived. */
function outOfOrder(expected: readonly Named[], received: readonly Named[]): string[] {
  const lanes = grouped(received, laneOf);
  return [...grouped(expected, laneOf)].flatMap(([lane, awaited]) => {
    const arrived = lanes.get(lane) ?? [];
    const came = common(arrived, awaited);
    const should = common(awaited, arrived);
    return isInOrder(came, awaited)
      ? []
      : [`${lane}: came as ${came.join(', ')}; expected ${should.join(', ')}`];
  });
}

/** Whether the events are in the order of the requests, some of which may be missing. */
function isInOrder(events: readonly string[], requests: readonly Named[]): boolean {
  let next = 0;
  return events.every((event) => {
    while (next < requests.length && requests[next]!.event !== event) next++;
    return next++ < requests.length;
  });
}

/** The events of the first list, each as often as the second list has it at most. */
function common(events: readonly Named[], others: readonly Named[]): string[] {
  const left = new Map(
    [...grouped(others, ({ event }) => event)].map(([event, { length }]) => [event, length]),
  );
  return events.flatMap(({ event }) => {
    const count = left.get(event) ?? 0;
    left.set(event, count - 1);
    return count > 0 ? [event] : [];
  });
}

/** Fields with another value. Where fewer requests arrived than expected, nothing says which of them is which. */
function otherValues(
  expected: readonly ExpectedRequest[],
  received: readonly StoryRequest[],
): string[] {
  const arrived = grouped(received, labelOf);
  return [...grouped(expected, labelOf)].flatMap(([label, requests]) =>
    requests.flatMap(({ fields }, i) => {
      const came = arrived.get(label) ?? [];
      const request = came.length < requests.length ? undefined : came[i];
      return Object.entries(fields).flatMap(([name, value]) => {
        if (!request) return [];
        const [is, should] = [JSON.stringify(request.fields[name]), JSON.stringify(value)];
        return is === should ? [] : [`${label}: ${name} is ${is}, not ${should}`];
      });
    }),
  );
}

const unverified = (received: readonly StoryRequest[]): string[] =>
  received.flatMap((request) =>
    request.verifications.length === 0
      ? [`${labelOf(request)}: nothing was verified`]
      : request.verifications
          .filter(({ valid }) => !valid)
          .map(({ header }) => `${labelOf(request)}: ${header} is not verified`),
  );
