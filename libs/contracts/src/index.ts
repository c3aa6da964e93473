export { DocumentType } from './document-type.ts';
export {
  BlobReference,
  Environment,
  Feature,
  MediaType,
  Sha256,
  Stage,
  StageFacts,
  StageFailure,
  StageResult,
  StageRequest,
} from './stage.ts';
export {
  Box,
  ClassificationResult,
  ExtractedField,
  ExtractionResult,
  Finding,
  ForensicsResult,
  TranslationResult,
} from './stage-result.ts';
export {
  allTopics,
  deadLetterSettings,
  requestTopic,
  teamTopic,
  teamTopicSettings,
  Topics,
  topicSettings,
  type TopicSettings,
} from './topics.ts';
export {
  ApiKey,
  Audience,
  callbackSecretContext,
  DialectName,
  Endpoint,
  endpointSecretContext,
  EventFilter,
  OnExhausted,
  Organization,
  referenceRecord,
  Scope,
  SigningSecret,
  Subscription,
  Team,
} from './registry.ts';
export { EventType, eventTypeKey } from './event-type.ts';
export {
  ChangeEventType,
  ChangeEventTypeStatus,
  CreateEventTypeVersion,
  EventTypeName,
  EventTypeQuery,
  EventTypeView,
  RegisterEventType,
  SchemaDiff,
  SchemaDiffQuery,
  SchemaRevision,
} from './catalog-api.ts';
export { Actor } from './actor.ts';
export { Assessment, DocumentVerdict } from './assessment.ts';
export { CaseCommandMessage, RefreshSelection } from './case-command.ts';
export { Steering } from './steering.ts';
export {
  CaseCanceledData,
  CaseCommandRefusedData,
  CaseCompletedData,
  CaseDecision,
  CaseErasedData,
  CaseLinkedData,
  CaseRefreshCompletedData,
  CaseRefreshFailedData,
  CaseResult,
  CaseSubmittedData,
  RefreshFailure,
  stageEventName,
  StageFinishedData,
  UploadReceivedData,
} from './case-event.ts';
export {
  callbackEvents,
  casewireEvents,
  EndpointPingData,
  internalEvents,
} from './casewire-events.ts';
export {
  AutomaticReviewCause,
  CaseActionRequiredData,
  CaseRevisedData,
  DocumentAssessedData,
  DocumentRevisedData,
  ReviewAssignedData,
  ReviewCause,
  ReviewOpenedData,
  ReviewPriority,
  ReviewResolution,
  ReviewResolvedData,
  ReviewType,
} from './review-event.ts';
export {
  OrderCompletedData,
  OrderCreatedData,
  OrderErasedData,
  OrderRefreshFailedData,
  OrderStatus,
  OrderStatusUpdatedData,
  TaskStatus,
  TaskStatusUpdatedData,
  VerificationMethod,
  VerificationState,
  VerificationStateChangedData,
} from './order-event.ts';
export {
  CreateTemplate,
  Employer,
  CaseLinks,
  CreateOrder,
  GiveInformation,
  InformationView,
  OrderRefreshView,
  OrdersQuery,
  OrderSummary,
  OrderUser,
  OrderView,
  RefreshOrder,
  ReportView,
  TaskView,
  TemplateQuery,
  VerificationAction,
  VerificationView,
} from './order-api.ts';
export {
  Approval,
  OrderTemplate,
  TemplateContent,
  TemplateFile,
  TemplateId,
  TemplateVerification,
  VerificationName,
} from './order-template.ts';
export { teamEvents } from './team-event.ts';
export { deliveredEventId, EventHeaders } from './cloud-event.ts';
export {
  CaseResults,
  CasesQuery,
  CaseStatus,
  CaseSummary,
  CaseView,
  CorrelationId,
  ExternalId,
  ExtractionQuery,
  IgnoredFile,
  maxMetadata,
  Metadata,
  needsClassification,
  NoQuery,
  page,
  PageQuery,
  RefreshCase,
  RefreshView,
  RunStatus,
  StageResults,
  StageView,
  submissionLimits,
  SubmitCase,
  TargetLanguage,
  UploadResult,
  UploadView,
} from './case-api.ts';
export {
  AssignReview,
  CommentReview,
  CorrectedField,
  DocumentCorrection,
  OpenReview,
  ResolveReview,
  ReviewComment,
  ReviewsQuery,
  ReviewStatus,
  ReviewSummary,
  ReviewView,
} from './review-api.ts';
export {
  CaseRevision,
  CaseRevisions,
  ExtractionVersion,
  ExtractionVersions,
  ReviseCase,
  ReviseDocument,
} from './revision-api.ts';
export { CaseEvent, CaseTimeline, TimelineEntry, TimelineMoment } from './case-history-api.ts';
export {
  ChangeEndpoint,
  ChangeOrganization,
  CreateApiKey,
  CreatedApiKey,
  CreateEndpoint,
  CreateOrganization,
  Egress,
  EndpointToken,
  EndpointView,
  EndpointWithSecret,
  maxEndpoints,
  OrganizationView,
  PingSent,
  ProvisionEndpoint,
  SchemaChange,
  SigningSecretShown,
  SubscriptionUpgrade,
  SubscriptionView,
  UpgradeSubscription,
} from './registry-api.ts';
export {
  AdvanceTestClock,
  AttemptView,
  CaseClockAdvanced,
  CreateReplay,
  DeadLetterView,
  DeliveryDetail,
  DeliveryState,
  DeliveryView,
  EndpointHealth,
  NotificationView,
  UnblockDelivery,
  ReplayState,
  ReplayView,
  TestClockAdvanced,
} from './delivery-api.ts';
export { DeliveryEvent, SuspensionReason } from './delivery-event.ts';
export {
  ApiKeyId,
  EntityId,
  IdempotencyKey,
  OrdinalNumber,
  RowId,
  SubscribedName,
  VersionNumber,
} from './identifiers.ts';
export { ApiKeyView, OrganizationEndpointsQuery } from './admin-api.ts';
export { Problem } from './problem.ts';
export { isStorableText } from './storable-text.ts';
export { uuidV5 } from './uuid-v5.ts';
