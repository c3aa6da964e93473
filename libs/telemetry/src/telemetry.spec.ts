import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { beforeAll, expect, test } from 'vitest';

import { startTelemetry } from './telemetry.ts';
import { currentTraceId, currentTraceparent, inSpan } from './trace-context.ts';

const spans = new InMemorySpanExporter();
beforeAll(() => startTelemetry('test', {}, [new SimpleSpanProcessor(spans)]));

test('outside any work there is no trace', () => {
  expect(currentTraceparent()).toBeUndefined();
});

test('work that follows a stored traceparent belongs to its trace', async () => {
  const stored = await inSpan('submit', {}, async () => currentTraceparent());
  const ids = await inSpan('deliver', { traceparent: stored }, async () => currentTraceId());
  expect(stored).toContain(ids);
  const [submit, deliver] = spans.getFinishedSpans();
  expect(deliver?.parentSpanContext?.spanId).toBe(submit?.spanContext().spanId);
});

test('an error is recorded on the span and thrown on', async () => {
  const failing = inSpan('work', {}, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(spans.getFinishedSpans().at(-1)?.events[0]?.name).toBe('exception');
});
