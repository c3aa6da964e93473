import { randomUUID } from 'node:crypto';

import type {
  Actor,
  Feature,
  ReviewResolution,
  Steering,
  Stage,
  StageFacts,
  StageResult,
} from '@casewire/contracts';
import { stateAfter } from '@casewire/event-sourcing';

import defaultRules from '../src/assessment/default-rules.json' with { type: 'json' };
import { RuleSet } from '../src/assessment/rule-set.ts';
import type { CaseCommand, DecisionContext, SubmitUploads } from '../src/case/case-command.ts';
import type { CaseDomainEvent } from '../src/case/case-domain-event.ts';
import { statusOf, type CaseState } from '../src/case/case-state.ts';
import { caseDecider, decide } from '../src/case/case.ts';
import { runIdOf } from '../src/case/decision.ts';

export const tenant = {
  organizationId: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
  environment: 'sandbox' as const,
};
export const reviewer: Actor = { type: 'api_key', id: '0123456789abcdef01', name: 'Back office' };
export const rules = RuleSet.parse(defaultRules);

const submittedAt = new Date('2026-01-01T10:00:00.000Z');
export const later = new Date('2026-01-01T10:05:00.000Z');

/** When commands are decided, and by which settings. */
export const context = (changes: Partial<DecisionContext['settings']> = {}) => ({
  now: later,
  settings: { stageTimeoutMs: 60_000, rules, automaticReviews: false, ...changes },
});
export const withReviews = { automaticReviews: true };
type Settings = Parameters<typeof context>[0];

export interface TrialUpload {
  id: string;
  classify: boolean;
  features: Feature[];
  simulate?: Steering;
}

export const upload = (
  features: Feature[] = ['extraction', 'forensics', 'translation'],
  classify = true,
  simulate?: Steering,
): TrialUpload => ({ id: randomUUID(), classify, features, ...(simulate && { simulate }) });

/** What the file name of a sandbox upload asks for: nothing but the given. */
export const steering = (changes: Partial<Steering>): Steering => ({
  failing: [],
  delaySeconds: 0,
  verdict: null,
  review: null,
  refreshFails: false,
  ...changes,
});

const document = {
  key: 'uploads/x',
  sha256: 'a'.repeat(64),
  size: 10,
  mediaType: 'application/pdf' as const,
  pages: 1,
};

/** @param verification the verification of an order for which the case is submitted */
export const submitting = (
  uploads: TrialUpload[],
  settings?: Settings,
  verification: SubmitUploads['verification'] = null,
): CaseCommand => ({
  type: 'SubmitUploads',
  ...tenant,
  verification,
  uploads: uploads.map(({ id, ...rest }) => ({
    uploadId: id,
    document: { ...document, key: `uploads/${id}` },
    targetLanguage: 'en',
    ...rest,
  })),
  ...context(settings),
  now: submittedAt,
});

/** Facts of a good document. */
export const soundFacts: Partial<Record<Stage, StageFacts>> = {
  classification: { stage: 'classification', confidence: 0.95 },
  extraction: {
    stage: 'extraction',
    fields: rules.requiredFields.passport ?? [],
    ocrConfidence: 0.9,
  },
  forensics: {
    stage: 'forensics',
    verdict: 'pass',
    findings: [],
    passedChecks: ['ZONE_NOT_SOUND'],
  },
};

export interface Ending {
  run?: number;
  status?: 'completed' | 'failed';
  code?: string;
  facts?: StageFacts | undefined;
  settings?: Settings;
  caseId?: string;
}

/** The result of a run of a stage; a sound one unless it says otherwise. */
export function finished(uploadId: string, stage: Stage, ending: Ending = {}): CaseCommand {
  const { run = 1, status = 'completed', code = 'DOCUMENT_UNREADABLE' } = ending;
  const facts = 'facts' in ending ? ending.facts : soundFacts[stage];
  const about = {
    type: 'StageFinished' as const,
    runId: runIdOf(uploadId, stage, run),
    stage,
    organizationId: tenant.organizationId,
    caseId: ending.caseId ?? randomUUID(),
    uploadId,
    finishedAt: later.toISOString(),
    starts: 1,
  };
  const result: StageResult =
    status === 'completed'
      ? {
          ...about,
          status,
          result: { key: `results/${about.runId}`, sha256: 'b'.repeat(64), size: 1 },
          documentType: stage === 'classification' ? 'passport' : null,
          ...(facts && { facts }),
        }
      : { ...about, status, failure: { code, detail: '' } };
  return { type: 'RecordStageResult', result, ...context(ending.settings) };
}

/** The results of all stages of an upload, in the order in which they come. */
export const allFinished = (
  { id, classify, features }: TrialUpload,
  ending: Ending = {},
): CaseCommand[] => [
  ...(classify ? [finished(id, 'classification', ending)] : []),
  ...features.map((stage) => finished(id, stage, ending)),
];

export const opening = (reviewId: string, uploadId: string | null = null): CaseCommand => ({
  type: 'OpenReview',
  reviewId,
  uploadId,
  reviewType: 'document_review',
  priority: 'medium',
  by: reviewer,
  ...context(),
});

export const resolving = (
  reviewId: string,
  resolution: ReviewResolution,
  corrections: { uploadId: string; fields: string[] }[] = [],
): CaseCommand => ({
  type: 'ResolveReview',
  reviewId,
  resolution,
  corrections,
  by: reviewer,
  ...context(),
});

export const refreshing = (
  refreshId: string,
  stages: Stage[] | null = null,
  uploadIds: string[] | null = null,
): CaseCommand => ({
  type: 'RefreshCase',
  refreshId,
  selection: { stages, uploadIds },
  by: reviewer,
  ...context(),
});

export const canceling: CaseCommand = { type: 'CancelCase', by: reviewer, ...context() };
export const closing: CaseCommand = { type: 'CloseAction', by: reviewer, ...context() };
export const deleting: CaseCommand = { type: 'DeleteCase', by: reviewer, now: later };

export interface Trial {
  events: CaseDomainEvent[];
  /** The events of the last command. */
  last: CaseDomainEvent[];
  state: CaseState;
  status: ReturnType<typeof statusOf>;
}

/** Executes commands one after the other, each on the domain events of those before it. */
export function after(...commands: CaseCommand[]): Trial {
  const events: CaseDomainEvent[] = [];
  let last: CaseDomainEvent[] = [];
  for (const command of commands) {
    last = decide(command, stateAfter(caseDecider, events));
    events.push(...last);
  }
  const state = stateAfter(caseDecider, events);
  return { events, last, state, status: statusOf(state) };
}

/** The types of events, each with its stage. */
export const types = (events: readonly CaseDomainEvent[]): string[] =>
  events.map((event) => ('stage' in event ? `${event.type} ${event.stage}` : event.type));

/** The automatic review of a case. */
export const openReviewOf = ({ state }: Trial): string => state.openReviewId!;
