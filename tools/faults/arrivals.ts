import type { ReceivedRequest } from '@casewire/testing';
import { laneOf } from '@casewire/webhooks';

import { eventOf } from '../e2e/test-platform.ts';

/** The lanes in which an event arrived before an event of a lower sequence number. Repetitions are allowed. */
export function lanesOutOfOrder(requests: readonly ReceivedRequest[]): string[] {
  const lanes = new Map<string, number[]>();
  for (const request of requests) {
    const { eventName, payload } = eventOf(request);
    const lane = `${request.path} ${laneOf({ eventName, payload })}`;
    const sequence = Number(request.headers['webhook-sequence']);
    const seen = lanes.get(lane) ?? [];
    if (!seen.includes(sequence)) lanes.set(lane, [...seen, sequence]);
  }
  return [...lanes]
    .filter(([, seen]) => seen.some((sequence, i) => sequence !== i + 1))
    .map(([lane]) => lane);
}

/** The events that arrived at each endpoint: `path caseId eventName` -> the ids under which it arrived. */
export function arrivalsOf(requests: readonly ReceivedRequest[]): Map<string, Set<string>> {
  const arrivals = new Map<string, Set<string>>();
  for (const request of requests) {
    const { eventName, payload } = eventOf(request);
    const name = `${request.path} ${payload.caseId} ${eventName}`;
    const ids = arrivals.get(name) ?? new Set<string>();
    arrivals.set(name, ids.add(String(request.headers['webhook-id'])));
  }
  return arrivals;
}
