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
  deadLetterSettings,
  eventTopicPattern,
  requestTopic,
  teamTopic,
  Topics,
  topicSettings,
  type TopicSettings,
} from './topics.ts';
