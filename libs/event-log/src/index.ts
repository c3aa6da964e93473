export type { PartitionLag } from './consumer/assigned-partition.ts';
export {
  BatchConsumer,
  type BatchConsumerOptions,
  type BatchContext,
} from './consumer/batch-consumer.ts';
export { brokerResponds } from './client/broker-responds.ts';
export type { FetchMark } from './client/end-offset-requests.ts';
export type { BrokerAccess } from './client/kafka-client.ts';
export type { ConsumerOptions, DeadLetter } from './consumer/consumer-options.ts';
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
} from './client/errors.ts';
export { EventLogContext } from './consumer/event-log-context.ts';
export { EventLog, type EventLogOptions } from './event-log.ts';
export {
  EventLogTransport,
  type EventLogTransportOptions,
} from './consumer/event-log.transport.ts';
export { OnBatch, OnRecord } from './consumer/handler-decorators.ts';
export { HandlerFailures } from './consumer/handler-failures.interceptor.ts';
export { KeyedConsumer, type KeyedConsumerOptions } from './consumer/keyed-consumer.ts';
export { type EventLogLogger, silentLogger } from './client/logger.ts';
export { partitionOf } from './client/partition-of.ts';
export {
  deadLetterTopic,
  type IncomingRecord,
  type OutgoingRecord,
  type TopicSpec,
} from './client/record.ts';
export { ReferenceView, type ReferenceViewOptions } from './views/reference-view.ts';
export { classifyFailure, type FailureAction, type RetryPolicy } from './consumer/retry-policy.ts';
