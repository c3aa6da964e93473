import { context, SpanKind, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';

import { contextOf } from './trace-context.ts';

const tracer = () => trace.getTracer('casewire');

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: Attributes;
  /** The `traceparent` of the parent span; the active span if it is missing. */
  traceparent?: string | undefined;
}

/** Runs the work inside a new span. An error that the work throws is recorded on the span and thrown again. */
export async function inSpan<T>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {}, traceparent }: SpanOptions,
  work: () => Promise<T>,
): Promise<T> {
  const parent = traceparent ? contextOf(traceparent) : context.active();
  return tracer().startActiveSpan(name, { kind, attributes }, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
