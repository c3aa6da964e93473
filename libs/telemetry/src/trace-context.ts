import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/**
 * The active span as a `traceparent` header (W3C Trace Context, version 00), to be stored with a row or sent with a record;
 * undefined outside of a trace. It does not use the global propagator, so that a record carries its trace however telemetry is
 * set up.
 */
export function currentTraceparent(): string | undefined {
  const span = trace.getSpanContext(context.active());
  if (!span || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** The id of the active trace: 32 hexadecimal digits; undefined outside of a trace. */
export const currentTraceId = (): string | undefined =>
  trace.getActiveSpan()?.spanContext().traceId;

/** The span that a `traceparent` header names; undefined if the header is missing or malformed. */
export function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const span = parseTraceParent(traceparent ?? '');
  return span ? { ...span, isRemote: true } : undefined;
}

/** The context that a `traceparent` header names, as the parent of new spans; the root context if it names none. */
export function contextOf(traceparent: string | undefined): Context {
  const span = spanContextOf(traceparent);
  return span ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}
