export { checkCallableUrl } from './callable-url.ts';
export { ConfigInvalid, readConfig, settings } from './config.ts';
export { type Api } from './openapi/documents.ts';
export { FormBody } from './openapi/form-body.ts';
export { Operation, Problems, type OperationOptions } from './openapi/operation.ts';
export { GivenIdempotencyKey, TakesCorrelationId } from './openapi/request-headers.ts';
export {
  startHttpService,
  type HttpServiceOptions,
  type Page,
  type RunningService,
} from './http-service.ts';
export { decodeCursor, encodeCursor, pageOf } from './pagination.ts';
export { invalid, notFound, ApiError, type FieldError } from './api-error.ts';
export { requestIdOf } from './request-context.ts';
export { pipelined } from './pipelined.ts';
export { sqlTime } from './sql-time.ts';
export { named, NamedSqlError, type NumberedSql } from './named-sql.ts';
export { FinalStatements, inTransaction, transactionOn } from './transaction.ts';
export { storableTextErrors } from './storable-texts.ts';
export { fieldErrors, validationPipe } from './validation.ts';
export {
  fingerprint,
  deleteOldResponses,
  idempotencyTable,
  idempotent,
  postRequest,
  type PostRequest,
  type ResponseSeal,
  type IdempotentRequest,
} from './idempotency.ts';
export {
  deleteOldResponseSubjects,
  eraseResponses,
  responseSubjectTable,
  saveResponseSubject,
} from './response-subjects.ts';
export { actOnce, type IsAbout } from './act-once.ts';
export { migrate, UnknownMigrations } from './migrations.ts';
export { endProcess } from './end-process.ts';
export { errorLine } from './error-line.ts';
export {
  databaseResponds,
  folderHasSpace,
  type ReadinessCheck,
  type ReadinessChecks,
} from './readiness.ts';
export { kafkaAccess, kafkaSettings, type KafkaSettings } from './kafka-access.ts';
export { runProcess, type Stoppable } from './run-process.ts';
export { runService } from './run-service.ts';
export { type CommonConfig, ServiceContext } from './service-context.ts';
export { serviceModule } from './service-module.ts';
export {
  type ServiceConfig,
  type ServiceDefinition,
  type ServiceParts,
  startService,
} from './start-service.ts';
export { repeatEvery } from './repeat-every.ts';
export { isDatabaseUnavailable, openDatabase } from './database.ts';
export { LeaderTask, type LeaderTaskOptions } from './leader-task.ts';
export {
  isCheckViolation,
  isConstraintViolation,
  isDuplicate,
  isTransactionConflict,
  isValueError,
} from './sqlstate.ts';
