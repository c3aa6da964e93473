import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

import { ExportingSpanProcessor } from './exporting-span-processor.ts';

const flushMs = 3_000;

let provider: NodeTracerProvider | undefined;
let users = 0;

/** Tracing, as one user of it in this process sees it. */
export interface Telemetry {
  /**
   * To be called as the last step of a service's stop; a second call does nothing. The last user of the process exports the spans that
   * have ended and are not exported yet. Never rejects: spans that the collector does not accept in time are lost.
   * @param withinMs how long to wait for the collector, in milliseconds
   */
  stop(withinMs?: number): Promise<void>;
}

/**
 * Turns tracing on for this process. Only the first call sets it up; later ones add a user. Spans are created, and their context
 * travels in rows and headers, whether or not they are exported: OTEL_EXPORTER_OTLP_ENDPOINT turns the export on.
 */
export function startTelemetry(
  service: string,
  env: NodeJS.ProcessEnv = process.env,
  processors: SpanProcessor[] = env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? [new ExportingSpanProcessor(new OTLPTraceExporter())]
    : [],
): Telemetry {
  provider ??= setUp(service, processors);
  users++;
  let isStopped = false;
  return {
    async stop(withinMs = flushMs) {
      if (isStopped) return;
      isStopped = true;
      users--;
      if (users > 0) return;
      await provider?.forceFlush({ timeoutMillis: withinMs }).catch(() => undefined);
    },
  };
}

function setUp(service: string, processors: SpanProcessor[]): NodeTracerProvider {
  const created = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: processors,
    // Without an exporter the ids still travel, and no attributes are collected.
    ...(processors.length === 0 && { sampler: new AlwaysOffSampler() }),
  });
  trace.setGlobalTracerProvider(created);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return created;
}
