import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { currentTraceparent, contextOf, spanContextOf } from './trace-context.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a traceparent header names its span', () => {
  expect(spanContextOf(traceparent)).toEqual({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    isRemote: true,
  });
  expect(trace.getSpanContext(contextOf(traceparent))?.spanId).toBe('b7ad6b7169203331');
});

test('a malformed traceparent header is ignored', () => {
  const malformed = [
    undefined,
    '',
    'gibberish',
    traceparent.toUpperCase(),
    `${traceparent}-00`,
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  ];
  for (const header of malformed) {
    expect(spanContextOf(header)).toBeUndefined();
    expect(contextOf(header)).toBe(ROOT_CONTEXT);
  }
});

test('outside of a trace there is no traceparent', () => {
  expect(currentTraceparent()).toBeUndefined();
});
