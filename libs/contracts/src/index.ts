export { DocumentType } from './document-type.ts';
export {
  BlobReference,
  Environment,
  Feature,
  MediaType,
  Sha256,
  Stage,
  StageFailure,
  StageOutcome,
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
  eventTopicPattern,
  requestTopic,
  teamTopic,
  Topics,
  topicSettings,
  type TopicSettings,
} from './topics.ts';
export {
  ApiKey,
  Audience,
  DialectName,
  Endpoint,
  EndpointSecret,
  endpointSecretOwner,
  Organization,
  referenceRecord,
  Scope,
  Subscription,
} from './registry.ts';
export { EventType, eventTypeKey } from './event-type.ts';
export {
  CaseCompletedData,
  CaseErasedData,
  CaseResult,
  CaseSubmittedData,
  casewireEvents,
  stageEventName,
  StageFinishedData,
  UploadReceivedData,
} from './case-event.ts';
export { EventHeaders } from './cloud-event.ts';
export {
  CaseStatus,
  CaseSummary,
  CaseView,
  ExternalId,
  Metadata,
  page,
  PageQuery,
  RunStatus,
  StageResults,
  StageView,
  submissionLimits,
  SubmitCase,
  UploadView,
} from './case-api.ts';
export {
  ChangeEndpoint,
  CreateApiKey,
  CreatedApiKey,
  CreateEndpoint,
  CreateOrganization,
  Egress,
  EndpointView,
  EndpointWithSecret,
  maxEndpoints,
  OrganizationView,
  ProvisionEndpoint,
} from './registry-api.ts';
export { AttemptView, DeliveryDetail, DeliveryState, DeliveryView } from './delivery-api.ts';
export { Problem } from './problem.ts';
export { uuidV5 } from './uuid-v5.ts';
