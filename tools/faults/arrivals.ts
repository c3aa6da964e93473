import type { ReceivedRequest } from '@casewire/testing';

import { eventOf } from '../e2e/test-platform.ts';

/** Lanes in which an event came before the one that its sequence puts before it. Repetitions are no disorder. */
export function lanesOutOfOrder(requests: readonly ReceivedRequest[]): string[] {
  const lanes = new Map<string, number[]>();
  for (const request of requests) {
    const { eventName, payload } = eventOf(request);
    const feature = /^case\.(\w+)\.(completed|failed)$/.exec(eventName)?.[1] ?? 'lifecycle';
    const lane = `${request.path} ${payload.caseId} ${feature}`;
    const sequence = Number(request.headers['webhook-sequence']);
    const seen = lanes.get(lane) ?? [];
    if (!seen.includes(sequence)) lanes.set(lane, [...seen, sequence]);
  }
  return [...lanes]
    .filter(([, seen]) => seen.some((sequence, i) => sequence !== i + 1))
    .map(([lane]) => lane);
}

/** Which events came to which endpoint: `path caseId eventName` -> the ids under which it came. */
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
