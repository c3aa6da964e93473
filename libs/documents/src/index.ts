export {
  type ChildKind,
  type ContainedJob,
  Containment,
  type ContainmentOptions,
  type Log,
} from './containment/containment.ts';
export { type Job, JobError, type JobInput, type JobOutput } from './containment/job.ts';
export { sharedContainment } from './containment/shared-containment.ts';
export { DocumentError, type DocumentErrorCode } from './document-error.ts';
export { inspect, type Inspection } from './inspection/inspect.ts';
export { documentLimits, type DocumentLimits } from './limits.ts';
