import type {
  Actor,
  Environment,
  Feature,
  RefreshSelection,
  ReviewPriority,
  ReviewResolution,
  ReviewType,
  Steering,
  StageFailure,
  StageResult,
} from '@casewire/contracts';

import type { RuleSet } from '../assessment/rule-set.ts';
import type { StoredDocument } from './case-domain-event.ts';

/** What decisions depend on beside the case: the configuration, and a setting of the organization. */
export interface DecisionSettings {
  /** How long a stage may take, including the time in its queue, in milliseconds. */
  stageTimeoutMs: number;
  rules: RuleSet;
  /** Whether the organization's cases get reviews automatically. */
  automaticReviews: boolean;
}

/** When a decision is made, and what it depends on beside the case. */
export interface DecisionContext {
  now: Date;
  settings: DecisionSettings;
}

export interface SubmitUploads extends DecisionContext {
  type: 'SubmitUploads';
  organizationId: string;
  environment: Environment;
  /** The verification of an order for which the case is submitted; null without one. */
  verification: { id: string; orderId: string } | null;
  uploads: {
    uploadId: string;
    document: StoredDocument;
    classify: boolean;
    features: Feature[];
    targetLanguage: string;
    simulate?: Steering;
  }[];
}

export interface RecordStageResult extends DecisionContext {
  type: 'RecordStageResult';
  result: StageResult;
}

/** Fails a run that will have no result: its deadline passed, or its stage could not parse the request. */
export interface FailRun extends DecisionContext {
  type: 'FailRun';
  runId: string;
  failure: StageFailure;
}

export interface OpenReview extends DecisionContext {
  type: 'OpenReview';
  reviewId: string;
  uploadId: string | null;
  reviewType: ReviewType;
  priority: ReviewPriority;
  by: Actor;
}

export interface AssignReview extends DecisionContext {
  type: 'AssignReview';
  reviewId: string;
  assigneeId: string;
  by: Actor;
}

/** The corrected fields of a document, by name; their values are private data. */
export interface Correction {
  uploadId: string;
  fields: string[];
}

export interface ResolveReview extends DecisionContext {
  type: 'ResolveReview';
  reviewId: string;
  resolution: ReviewResolution;
  corrections: Correction[];
  by: Actor;
}

/** Nobody waits for further documents any more. */
export interface CloseAction extends DecisionContext {
  type: 'CloseAction';
  by: Actor;
}

export interface ReviseDocument extends DecisionContext {
  type: 'ReviseDocument';
  correction: Correction;
  by: Actor;
}

export interface ReviseCase extends DecisionContext {
  type: 'ReviseCase';
  fields: string[];
  by: Actor;
}

export interface RefreshCase extends DecisionContext {
  type: 'RefreshCase';
  refreshId: string;
  selection: RefreshSelection;
  by: Actor;
}

export interface CancelCase extends DecisionContext {
  type: 'CancelCase';
  by: Actor;
}

/** Moves the deadlines of runs and reviews nearer, in the sandbox. */
export interface AdvanceTime extends DecisionContext {
  type: 'AdvanceTime';
  seconds: number;
}

export interface DeleteCase {
  type: 'DeleteCase';
  by: Actor;
  now: Date;
}

export type CaseCommand =
  | SubmitUploads
  | RecordStageResult
  | FailRun
  | OpenReview
  | AssignReview
  | ResolveReview
  | CloseAction
  | ReviseDocument
  | ReviseCase
  | RefreshCase
  | CancelCase
  | AdvanceTime
  | DeleteCase;
