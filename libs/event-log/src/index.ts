export { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.ts';
export { brokerAnswers } from './broker-answers.ts';
export type { BrokerAccess } from './kafka-client.ts';
export type { ConsumerOptions, DeadLetter } from './consumer-options.ts';
export {
  EventLogClosed,
  EventLogError,
  EventLogRefused,
  EventLogUnavailable,
  InfrastructureError,
  RecordTooLarge,
  RecordUnreadable,
  TopicMismatch,
  ViewStale,
} from './errors.ts';
export { EventLogContext } from './event-log-context.ts';
export { EventLog, type EventLogOptions } from './event-log.ts';
export { EventLogTransport, type EventLogTransportOptions } from './event-log.transport.ts';
export { OnBatch, OnRecord } from './handler-decorators.ts';
export { HandlerFailures } from './handler-failures.interceptor.ts';
export { KeyedConsumer, type KeyedConsumerOptions } from './keyed-consumer.ts';
export { type EventLogLogger, silentLogger } from './logger.ts';
export { partitionOf } from './partition-of.ts';
export {
  deadLetterTopic,
  type IncomingRecord,
  type OutgoingRecord,
  type TopicSpec,
} from './record.ts';
export { ReferenceView, type ReferenceViewOptions } from './reference-view.ts';
export { classifyFailure, type FailureVerdict, type RetryPolicy } from './retry-policy.ts';
