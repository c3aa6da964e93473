import type {
  Assessment,
  BlobReference,
  CaseDecision,
  CaseStatus,
  DocumentType,
  Feature,
  ReviewResolution,
  Steering,
  Stage,
  StageFacts,
} from '@casewire/contracts';

import type { StoredDocument } from './case-domain-event.ts';

export interface Run {
  runId: string;
  /** 1 for the first run of its stage and upload. */
  run: number;
  stage: Stage;
  status: 'processing' | 'completed' | 'failed' | 'canceled';
}

export interface Upload {
  id: string;
  document: StoredDocument;
  classify: boolean;
  features: readonly Feature[];
  targetLanguage: string;
  steering: Steering | null;
  documentType: DocumentType | null;
  /** The runs whose results count: the first ones, or those of the last refresh that completed. */
  runs: ReadonlyMap<Stage, Run>;
  facts: ReadonlyMap<Stage, StageFacts>;
  /** The number of the last run of each stage, refreshes that failed included. */
  lastRun: ReadonlyMap<Stage, number>;
  assessment: Assessment | null;
  /** The latest version of the extraction; 0 before the first. */
  extractionVersion: number;
}

export interface RefreshRun extends Run {
  uploadId: string;
  /** False while it waits for the classification of its upload: its stage has no request yet. */
  requested: boolean;
  documentType: DocumentType | null;
  facts: StageFacts | null;
  result: BlobReference | null;
}

export interface Refresh {
  id: string;
  stages: Stage[];
  uploadIds: string[];
  runs: ReadonlyMap<string, RefreshRun>;
}

export interface Review {
  id: string;
  status: 'open' | 'resolved' | 'canceled';
  assigneeId: string | null;
  /** Who resolved it, how and when: a second resolution is refused with this. Null if it is open or canceled. */
  end: { resolution: ReviewResolution; by: string; at: string } | null;
}

export interface CaseState {
  phase: 'new' | 'open' | 'canceled' | 'deleted';
  /** Whether the case is completed now: a further upload makes this false again. */
  completed: boolean;
  completedBefore: boolean;
  /** Further documents were requested and are awaited. */
  actionRequired: boolean;
  decision: CaseDecision | null;
  /** The verification of an order for which the case was submitted; null without one. */
  verificationId: string | null;
  /** The version of the case's own data. */
  revision: number;
  reviews: ReadonlyMap<string, Review>;
  openReviewId: string | null;
  refresh: Refresh | null;
  /** The ids of all refreshes: a repeated request is recognized by its id. */
  refreshIds: ReadonlySet<string>;
  uploads: ReadonlyMap<string, Upload>;
}

export const initialState = (): CaseState => ({
  phase: 'new',
  completed: false,
  completedBefore: false,
  actionRequired: false,
  decision: null,
  verificationId: null,
  revision: 1,
  reviews: new Map(),
  openReviewId: null,
  refresh: null,
  refreshIds: new Set(),
  uploads: new Map(),
});

/** The stages to run for an upload: classification if requested, and the features. */
export const requestedStages = ({
  classify,
  features,
}: Pick<Upload, 'classify' | 'features'>): Stage[] => [
  ...(classify ? (['classification'] as const) : []),
  ...features,
];

/** Whether every requested stage of every upload has ended. */
export const areStagesFinished = ({ uploads }: Pick<CaseState, 'uploads'>): boolean =>
  [...uploads.values()].every((upload) =>
    requestedStages(upload).every((stage) => isFinished(upload.runs.get(stage))),
  );

export const isFinished = (run: Pick<Run, 'status'> | undefined): boolean =>
  run !== undefined && run.status !== 'processing';

/** The status that the API shows. */
export function statusOf(state: CaseState): CaseStatus {
  if (state.phase === 'deleted' || state.phase === 'canceled') return state.phase;
  if (!areStagesFinished(state)) return 'processing';
  if (state.openReviewId !== null && !state.completed) return 'in_review';
  if (state.actionRequired) return 'action_required';
  return state.completed ? 'completed' : 'processing';
}
