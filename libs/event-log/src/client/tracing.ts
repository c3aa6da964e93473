import { contextOf, spanContextOf } from '@casewire/telemetry';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

import type { IncomingRecord } from './record.ts';

const tracer = trace.getTracer('@casewire/event-log');
const mostLinks = 128;

/**
 * Runs a handler in a CONSUMER span. For one record the span continues the trace of the record. For several records, which have
 * different traces, the span starts a new trace and links to theirs.
 */
export async function traced(
  groupId: string,
  records: readonly IncomingRecord[],
  handle: () => Promise<void>,
): Promise<void> {
  const [first] = records;
  if (!first) return;
  const parent = contextOf(records.length === 1 ? first.headers.traceparent : undefined);
  const span = tracer.startSpan(
    `process ${first.topic}`,
    {
      kind: SpanKind.CONSUMER,
      links: records.length === 1 ? [] : linksTo(records),
      // OpenTelemetry semantic conventions for messaging.
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': first.topic,
        'messaging.destination.partition.id': String(first.partition),
        'messaging.consumer.group.name': groupId,
        'messaging.kafka.offset': Number(first.offset),
        ...(records.length > 1 && { 'messaging.batch.message_count': records.length }),
      },
    },
    parent,
  );
  try {
    await context.with(trace.setSpan(parent, span), handle);
  } catch (error) {
    if (error instanceof Error) span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function linksTo(records: readonly IncomingRecord[]) {
  const traceparents = new Set(records.map(({ headers }) => headers.traceparent));
  return [...traceparents].slice(0, mostLinks).flatMap((traceparent) => {
    const span = spanContextOf(traceparent);
    return span ? [{ context: span }] : [];
  });
}
