import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { beforeAll, expect, test } from 'vitest';

import { inSpan } from './span.ts';
import { startTelemetry } from './telemetry.ts';
import { currentTraceId, currentTraceparent } from './trace-context.ts';

const spans = new InMemorySpanExporter();
beforeAll(() => void startTelemetry('test', {}, [new SimpleSpanProcessor(spans)]));

test('outside of a span there is no trace', () => {
  expect(currentTraceparent()).toBeUndefined();
});

test('a span with a stored traceparent belongs to its trace', async () => {
  const stored = await inSpan('submit', {}, async () => currentTraceparent());
  const ids = await inSpan('deliver', { traceparent: stored }, async () => currentTraceId());
  expect(stored).toContain(ids);
  const [submit, deliver] = spans.getFinishedSpans();
  expect(deliver?.parentSpanContext?.spanId).toBe(submit?.spanContext().spanId);
});

test('an error is recorded on the span and thrown again', async () => {
  const failing = inSpan('work', {}, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(spans.getFinishedSpans().at(-1)?.events[0]?.name).toBe('exception');
});
