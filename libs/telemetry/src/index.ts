export { crashPoint } from './crash-point.ts';
export {
  createLogger,
  libraryLogger,
  LogLevels,
  type FieldsLogger,
  type Logger,
  type LogLevel,
} from './logger.ts';
export { withRequestId } from './request-id.ts';
export { startTelemetry } from './telemetry.ts';
export { currentTraceId, currentTraceparent, inSpan, type SpanOptions } from './trace-context.ts';
