export { StageFailed, StageUnavailable } from './stage-failure.ts';
export {
  type PublishResult,
  type StageContext,
  type StageLog,
  StageRuns,
  type StageRunsOptions,
  type StageWork,
  type StageOutput,
} from './stage-runs.ts';
export { StageDocuments } from './stage-documents.ts';
export { StageConfig, type StageParts, stageService } from './stage-service.ts';
