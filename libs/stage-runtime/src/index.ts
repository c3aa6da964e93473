export { StageFailed, StageUnavailable } from './stage-failure.ts';
export {
  type PublishResult,
  type StageLog,
  StageRuns,
  type StageRunsOptions,
} from './stage-runs.ts';
export type { StageContext, StageOutput, StageWork } from './stage-work.ts';
export { StageDocuments } from './stage-documents.ts';
export { StageConfig, type StageParts, stageService } from './stage-service.ts';
