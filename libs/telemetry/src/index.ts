export { crashPoint } from './crash-point.ts';
export {
  createLogger,
  libraryLogger,
  LogLevels,
  type FieldsLogger,
  type Logger,
  type LogLevel,
} from './logger.ts';
export { type Metrics, type MetricsOptions, startMetrics } from './metrics.ts';
export { prometheusContentType, prometheusName } from './prometheus-text.ts';
export { withRequestId } from './request-id.ts';
export { inSpan, type SpanOptions } from './span.ts';
export { startTelemetry, type Telemetry } from './telemetry.ts';
export { contextOf, currentTraceId, currentTraceparent, spanContextOf } from './trace-context.ts';
