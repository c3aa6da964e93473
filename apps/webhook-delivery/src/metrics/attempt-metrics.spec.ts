import { beforeEach, expect, test } from 'vitest';

import { batchOf, endpoint, incomingEvent, resultOf } from '../../test/events.ts';
import { claimedHead } from '../../test/scripted-store.ts';
import type { AttemptResult, ClaimedHead } from '../model/lane-store.ts';
import { attemptMetrics, type AttemptMetrics } from './attempt-metrics.ts';
import type { Result } from './delivery-metrics.ts';

let recorded: [result: Result, seconds?: number, sinceEvent?: number][];
let metrics: AttemptMetrics;
beforeEach(() => {
  recorded = [];
  metrics = attemptMetrics({ attempted: (...values) => void recorded.push(values) });
});

const published = new Date('2026-01-22T10:30:00.000Z');
const started = new Date('2026-01-22T10:30:00.250Z');
const event = incomingEvent({ publishedAt: published });
const ingest = (destinations = [endpoint()]) => metrics.ingesting(batchOf(destinations, [event]));

function attempt(
  head: Partial<ClaimedHead>,
  outcome: AttemptResult['outcome'] = 'delivered',
  over: Partial<AttemptResult> = {},
): void {
  const claimed = claimedHead({ eventId: event.id, attempt: 1, replayJob: null, ...head });
  const result = resultOf(claimed, outcome, { startedAt: started, durationMs: 40, ...over });
  metrics.attempted(claimed, result);
}

test('the first attempt of each delivery of an ingested event has the time since its record', () => {
  ingest([endpoint(), endpoint()]);
  attempt({});
  attempt({}, 'failed');
  expect(recorded).toEqual([
    ['delivered', 0.04, 0.25],
    ['failed', 0.04, 0.25],
  ]);
});

test('retries, replays and events that were not ingested here have none', () => {
  attempt({});
  ingest();
  attempt({ attempt: 2 });
  attempt({ replayJob: 'e5a3c8d0-2f5b-4a57-9a52-6f0b8d1c7a11' });
  expect(recorded).toEqual(Array.from({ length: 3 }, () => ['delivered', 0.04, undefined]));
});

test('an event whose record is of a later time than its attempt has waited zero seconds', () => {
  ingest();
  attempt({}, 'delivered', { startedAt: new Date(published.getTime() - 5) });
  expect(recorded).toEqual([['delivered', 0.04, 0]]);
});

test('an attempt without a request is not sent, whatever follows from it', () => {
  ingest();
  for (const outcome of ['failed', 'exhausted', 'blocked'] as const)
    attempt({}, outcome, { sent: false, durationMs: 0 });
  expect(recorded).toEqual([['not_sent'], ['not_sent'], ['not_sent']]);
});

test('an event without deliveries takes no memory', () => {
  ingest([]);
  attempt({});
  expect(recorded).toEqual([['delivered', 0.04, undefined]]);
});
