import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

let started = false;

/**
 * Turns tracing on for this process, once; a second call changes nothing. Spans are made, and their context travels in
 * rows and headers, whether or not they are exported: OTEL_EXPORTER_OTLP_ENDPOINT switches the export on.
 */
export function startTelemetry(
  service: string,
  env: NodeJS.ProcessEnv = process.env,
  processors: SpanProcessor[] = env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? [new BatchSpanProcessor(new OTLPTraceExporter())]
    : [],
): void {
  if (started) return;
  started = true;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: processors,
    // Their ids travel all the same; what they are about is not gathered for nobody.
    ...(processors.length === 0 && { sampler: new AlwaysOffSampler() }),
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}
