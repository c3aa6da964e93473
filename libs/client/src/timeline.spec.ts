import type { DeliveryView, TimelineEntry } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { joinTimeline } from './timeline.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString();

const entry = (second: number, eventId: string | null): TimelineEntry => ({
  at: at(second),
  what: 'case.submitted',
  uploadId: null,
  stage: null,
  run: null,
  eventId,
  detail: null,
});

const delivery = (eventId: string, created: number, settled: number | null): DeliveryView => ({
  id: `${created}`,
  eventId,
  eventType: 'case.submitted',
  eventVersion: 1,
  endpointId: null,
  callbackUrl: null,
  state: settled === null ? 'pending' : 'delivered',
  sequence: 1,
  replayId: null,
  blocked: false,
  attempts: 1,
  nextAttemptAt: null,
  occurredAt: at(created),
  createdAt: at(created),
  settledAt: settled === null ? null : at(settled),
  lastStatus: null,
  lastError: null,
});

test('moments and deliveries are in order of time, each with what belongs to it', () => {
  const [first, second] = [entry(1, 'a'), entry(3, null)];
  const [settled, open] = [delivery('a', 2, 4), delivery('a', 3, null)];
  expect(joinTimeline([first, second], [open, settled])).toEqual([
    { at: at(1), kind: 'moment', moment: first, deliveries: [open, settled] },
    { at: at(2), kind: 'delivery.created', delivery: settled, moment: first },
    { at: at(3), kind: 'moment', moment: second, deliveries: [] },
    { at: at(3), kind: 'delivery.created', delivery: open, moment: first },
    { at: at(4), kind: 'delivery.settled', delivery: settled, moment: first },
  ]);
});

test('a delivery of an event that the timeline does not have is shown without a moment', () => {
  const foreign = delivery('b', 2, null);
  expect(joinTimeline([entry(1, null)], [foreign])).toMatchObject([
    { kind: 'moment', deliveries: [] },
    { kind: 'delivery.created', delivery: foreign, moment: null },
  ]);
});
