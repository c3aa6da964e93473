/** The fields of every event about a case. */
export interface CaseFields {
  caseId: string;
  /** The external id of the submission; null where it has none. */
  externalId: string | null;
  /** The submitter's own reference for the case. */
  reference?: string | null | undefined;
  /** ISO 8601: when the event happened. */
  occurredAt: string;
}

export type Stage = 'classification' | 'extraction' | 'forensics' | 'translation';
export type StageEventName = `case.${Stage}.${'completed' | 'failed'}`;

/** The payload of the eight terminal stage events in the dialects casewire and truenroll. */
export interface StageFinishedPayload {
  caseId: string;
  externalId: string | null;
  occurredAt: string;
}

/** Who acted: an API key, or a person who signed in. */
export interface Actor {
  type: 'api_key' | 'person';
  id: string;
  /** The name of the key, or of the person; null if it has none. */
  name: string | null;
}

export type CaseResult = 'succeeded' | 'partially_failed' | 'failed';

/** The stages that ran again, and the uploads for which they did. */
export interface RefreshFields extends CaseFields {
  refreshId: string;
  stages: Stage[];
  uploadIds: string[];
}

export interface OrderFields {
  orderId: string;
  /** The order's number for people. */
  orderNumber: string;
  userId: string | null;
  templateId: string;
  templateVersion: number;
  metadata: Record<string, string | number | boolean>;
  occurredAt: string;
}

export type OrderStatus = 'pending' | 'processing' | 'completed' | 'canceled' | 'failed';
export type VerificationState =
  | 'pending-approval'
  | 'processing'
  | 'action-required'
  | 'completed'
  | 'canceled'
  | 'invalid';

export type VerificationMethod = 'instant' | 'documents' | 'outreach';

export type TaskStatus =
  | 'processing'
  | 'action_required'
  | 'succeeded'
  | 'failed'
  | 'rejected'
  | 'canceled'
  | 'refreshing'
  | 'refresh_failed'
  | 'removed';

interface TaskFields extends OrderFields {
  verificationId: string;
  taskId: string;
  /** The case whose results can be read. */
  caseId: string;
}

interface ConnectedTaskFields extends TaskFields {
  employerId: string | null;
  dataSource: 'docs' | null;
  linkId: string | null;
}

export interface ApplicantFields {
  applicant_id: string;
  external_id: string | null;
}

interface ScreeningCompleted extends ApplicantFields {
  screening_check_id: string;
  status: 'clear' | 'hit' | 'error';
  hit_count: number;
  check_types: string[];
  list_version: string | null;
  completed_at: string;
}

interface ApplicantChanged extends ApplicantFields {
  status: string;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The data of each event type of the catalog, version 1, by name: the body in the dialect cloudevents. The eight stage
 * events have an `uploadId` there, which casewire and truenroll omit.
 */
export interface EventData extends Record<StageEventName, CaseFields & { uploadId: string }> {
  'case.submitted': CaseFields & { uploadIds: string[]; stages: Stage[] };
  'upload.received': CaseFields & {
    uploadId: string;
    mediaType: 'application/pdf' | 'image/png' | 'image/jpeg' | 'image/webp';
    pages: number;
    size: number;
  };
  'case.completed': CaseFields & { result: CaseResult };
  'case.canceled': CaseFields;
  /** `request` is what is requested, in the reviewer's words; null once the case is erased. */
  'case.action_required': CaseFields & { reviewId: string; request: string | null };
  /** The new results replace the old ones. */
  'case.refresh.completed': RefreshFields & { result: CaseResult };
  /** The old results stay. */
  'case.refresh.failed': RefreshFields & {
    failure: { uploadId: string; stage: Stage; code: string };
  };
  'endpoint.ping': { endpointId: string; message: string };
  'document.assessed': CaseFields & {
    uploadId: string;
    documentType:
      | 'passport'
      | 'payslip'
      | 'bank_statement'
      | 'invoice'
      | 'birth_certificate'
      | 'unknown';
    verdict: 'verified' | 'rejected' | 'review';
    /** Reasons of the rules that applied; empty for a verified document. */
    reasons: string[];
    /** 0 to 1; null without OCR. */
    ocrConfidence: number | null;
    fraudSignals: string[];
    securityFeatures: string[];
    /** The version of the rule set that decided. */
    rulesVersion: string;
    /** 1 for the first verdict on the document; a refresh leads to another one. */
    assessment: number;
  };
  'review.opened': CaseFields & {
    reviewId: string;
    /** The document that caused the review; null if the review is about the case. */
    uploadId: string | null;
    reviewType: 'screening_hit' | 'document_review' | 'risk_review';
    priority: 'low' | 'medium' | 'high' | 'critical';
    reason: string;
    cause: 'low_confidence' | 'fields_missing' | 'verdict' | 'unprocessable' | 'manual';
  };
  'review.assigned': CaseFields & { reviewId: string; assigneeId: string };
  'review.resolved': CaseFields & {
    reviewId: string;
    resolution: 'approved' | 'rejected' | 'corrected' | 'more_requested';
    resolvedBy: Actor;
  };
  'document.revised': CaseFields & { uploadId: string; revision: number };
  'case.revised': CaseFields & { revision: number };
  'order.created': OrderFields & { status: 'pending'; verificationIds: string[] };
  'order.status_updated': ConnectedTaskFields & { status: OrderStatus; reportId: string };
  'order.completed': OrderFields & {
    status: 'completed' | 'canceled';
    results: { verificationId: string; state: 'completed' | 'canceled'; caseIds: string[] }[];
  };
  /** `status` is the code of the failure; the results before stay. */
  'order.refresh_failed': ConnectedTaskFields & { status: string; refreshId: string };
  'verification.state_changed': OrderFields & {
    verificationId: string;
    method: VerificationMethod;
    state: VerificationState;
    /** Null for the first state. */
    previousState: VerificationState | null;
    reason: string;
  };
  'task.status_updated': TaskFields & {
    trackingInfo: string | null;
    status: TaskStatus;
    reason: string | null;
  };
  'applicant.created': ApplicantChanged;
  'applicant.updated': ApplicantChanged;
  'applicant.approved': ApplicantChanged;
  'applicant.rejected': ApplicantChanged;
  'applicant.withdrawn': ApplicantChanged;
  'applicant.submitted': ApplicantFields & {
    status: 'in_progress';
    submitted_at: string | null;
    documents_count: number;
    steps_completed: string[];
  };
  'applicant.reviewed': ApplicantFields & {
    status: 'approved' | 'rejected';
    risk_score: number | null;
    risk_level: 'low' | 'medium' | 'high' | null;
    review_decision: 'manual_approved' | 'manual_rejected' | 'auto_approved' | 'auto_rejected';
    reviewed_by: string | null;
    reviewed_at: string | null;
    flags: string[];
  };
  'applicant.verification_complete': ApplicantFields & {
    status: string;
    /** Present, and true, only in the sandbox. */
    sandbox?: true | undefined;
    biometrics_verified: boolean;
    screening_status: 'clear' | 'hit' | 'not_run';
    risk_level: 'low' | 'medium' | 'high' | 'unknown';
    verification_results: {
      biometrics: { face_match: boolean; liveness: boolean };
      screening: { watchlist: { status: string; hit_count: number } };
      risk: { overall_level: string; score: number | null };
    };
  };
  'screening.started': ApplicantFields & { screening_check_id: string; check_types: string[] };
  'screening.completed': ScreeningCompleted;
  'screening.hit': ScreeningCompleted;
  'session.completed': {
    session_id: string;
    applicant_id: string;
    status: string;
    completed_at: string | null;
    completion_data: Record<string, Json> | null;
  };
  /** The workflow can add other fields. */
  'workflow.action.webhook': {
    workflow_execution_id: string;
    applicant: { id: string; status: string; risk_level: string | null };
    [field: string]: unknown;
  };
  'link.disconnected': {
    link_id: string;
    user_id: string | null;
    template_id: string | null;
    employer_id: string | null;
    disconnected_at: string;
  };
}

export type EventName = keyof EventData;

/** The body in the dialect casewire: a union discriminated by `eventName`. */
export type CasewireEvent = {
  [Name in EventName]: {
    eventName: Name;
    payload: Name extends StageEventName
      ? StageFinishedPayload
      : EventData[Name] & { occurredAt: string };
  };
}[EventName];

/** The body in the dialect truenroll. */
export type TruEnrollEvent = { eventName: StageEventName; payload: StageFinishedPayload };

/**
 * The lane of an event in the dialects casewire and truenroll: within a lane Casewire sends events in order.
 * @param event the parsed body
 * @returns `caseId/stage` for stage events, the `orderId` for events of orders, verifications and tasks, otherwise the `caseId`;
 *   undefined for events without them, such as those of other teams
 */
export function laneOf(event: unknown): string | undefined {
  const { eventName, payload } = event as {
    eventName?: unknown;
    payload?: { caseId?: unknown; orderId?: unknown };
  };
  if (typeof eventName !== 'string') return undefined;
  // The event of a task names its case, too, and is in the lane of its order.
  const isOfOrder = /^(order|verification|task)\./.test(eventName);
  const key = isOfOrder ? payload?.orderId : payload?.caseId;
  if (typeof key !== 'string') return undefined;
  const [, stage] =
    /^case\.(classification|extraction|forensics|translation)\.(?:completed|failed)$/.exec(
      eventName,
    ) ?? [];
  return stage === undefined ? key : `${key}/${stage}`;
}
