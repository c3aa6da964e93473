/** What an event says of its case. */
export interface AboutCase {
  caseId: string;
  /** As submitted; null where none was given. */
  externalId: string | null;
  /** The submitter's own word for the case. */
  reference?: string | null | undefined;
  /** ISO 8601: when it happened. */
  occurredAt: string;
}

export type Stage = 'classification' | 'extraction' | 'forensics' | 'translation';
export type StageEventName = `case.${Stage}.${'completed' | 'failed'}`;

/** Of the eight terminal events in the dialects casewire and truenroll. */
export interface StageFinishedPayload {
  caseId: string;
  externalId: string | null;
  occurredAt: string;
}

export interface AboutOrder {
  orderId: string;
  /** Made for people to read. */
  orderNumber: string;
  userId: string | null;
  templateId: string | null;
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

interface LinkedOrder extends AboutOrder {
  employerId: string | null;
  dataSource: string | null;
  linkId: string | null;
}

export interface AboutApplicant {
  applicant_id: string;
  external_id: string | null;
}

interface ScreeningCompleted extends AboutApplicant {
  screening_check_id: string;
  status: 'clear' | 'hit' | 'error';
  hit_count: number;
  check_types: string[];
  list_version: string | null;
  completed_at: string;
}

interface ApplicantChanged extends AboutApplicant {
  status: string;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The data of each event of the catalog, at version 1, by its name: the body in the dialect cloudevents. The eight events
 * of stages have an `uploadId` there, which casewire and truenroll leave out.
 */
export interface EventData extends Record<StageEventName, AboutCase & { uploadId: string }> {
  'case.submitted': AboutCase & { uploadIds: string[]; stages: Stage[] };
  'upload.received': AboutCase & {
    uploadId: string;
    mediaType: 'application/pdf' | 'image/png' | 'image/jpeg' | 'image/webp';
    pages: number;
    size: number;
  };
  'case.completed': AboutCase & { result: 'succeeded' | 'partially_failed' | 'failed' };
  'endpoint.ping': { endpointId: string; message: string };
  'document.assessed': AboutCase & {
    uploadId: string;
    documentType:
      | 'passport'
      | 'payslip'
      | 'bank_statement'
      | 'invoice'
      | 'birth_certificate'
      | 'unknown';
    verdict: 'verified' | 'rejected' | 'review';
    ocrConfidence: number | null;
    fraudSignals: string[];
    securityFeatures: string[];
  };
  'review.opened': AboutCase & {
    reviewId: string;
    reviewType: 'screening_hit' | 'document_review' | 'risk_review';
    priority: 'low' | 'medium' | 'high' | 'critical';
    reason: string;
    cause: 'unprocessable' | 'verdict' | 'manual';
  };
  'review.assigned': AboutCase & { reviewId: string; assigneeId: string };
  'review.resolved': AboutCase & {
    reviewId: string;
    resolution: 'approved' | 'rejected';
    resolvedBy: string | null;
  };
  'document.revised': AboutCase & { uploadId: string; revision: number };
  'case.revised': AboutCase & { revision: number };
  'order.created': AboutOrder & { status: 'pending' };
  'order.status_updated': LinkedOrder & { status: OrderStatus };
  'order.completed': AboutOrder & { status: OrderStatus };
  'order.refresh_failed': LinkedOrder & { status: string };
  'verification.state_changed': AboutOrder & { verificationId: string; state: VerificationState };
  'task.status_updated': AboutOrder & {
    taskId: string;
    trackingInfo: string | null;
    status: string;
  };
  'applicant.created': ApplicantChanged;
  'applicant.updated': ApplicantChanged;
  'applicant.approved': ApplicantChanged;
  'applicant.rejected': ApplicantChanged;
  'applicant.withdrawn': ApplicantChanged;
  'applicant.submitted': AboutApplicant & {
    status: 'in_progress';
    submitted_at: string | null;
    documents_count: number;
    steps_completed: string[];
  };
  'applicant.reviewed': AboutApplicant & {
    status: 'approved' | 'rejected';
    risk_score: number | null;
    risk_level: 'low' | 'medium' | 'high' | null;
    review_decision: 'manual_approved' | 'manual_rejected' | 'auto_approved' | 'auto_rejected';
    reviewed_by: string | null;
    reviewed_at: string | null;
    flags: string[];
  };
  'applicant.verification_complete': AboutApplicant & {
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
  'screening.started': AboutApplicant & { screening_check_id: string; check_types: string[] };
  'screening.completed': ScreeningCompleted;
  'screening.hit': ScreeningCompleted;
  'session.completed': {
    session_id: string;
    applicant_id: string;
    status: string;
    completed_at: string | null;
    completion_data: Record<string, Json> | null;
  };
  /** The workflow may add fields of its own. */
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

/** The body in the dialect casewire: told apart by its `eventName`. */
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
 * What Casewire keeps in order, as far as a body in the dialects casewire and truenroll tells: the case and the stage, the
 * case, or the order. Undefined for what has no such order, or is another team's.
 */
export function laneOf(event: unknown): string | undefined {
  const { eventName, payload } = event as {
    eventName?: unknown;
    payload?: { caseId?: unknown; orderId?: unknown };
  };
  const key = payload?.caseId ?? payload?.orderId;
  if (typeof key !== 'string' || typeof eventName !== 'string') return undefined;
  const [, stage] =
    /^case\.(classification|extraction|forensics|translation)\.(?:completed|failed)$/.exec(
      eventName,
    ) ?? [];
  return stage === undefined ? key : `${key}/${stage}`;
}
