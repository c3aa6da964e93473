import { z } from 'zod';

/** Events that other teams own, from TrustGate's reference: Casewire catalogues and delivers them. */
const applicant = { applicant_id: z.uuid(), external_id: z.string().nullable() };
const at = z.iso.datetime({ offset: true });

export const ApplicantSubmittedData = z.object({
  ...applicant,
  status: z.literal('in_progress'),
  submitted_at: at.nullable(),
  documents_count: z.int().nonnegative(),
  steps_completed: z.array(z.string()),
});

export const ApplicantReviewedData = z.object({
  ...applicant,
  status: z.enum(['approved', 'rejected']),
  risk_score: z.int().min(0).max(100).nullable(),
  risk_level: z.enum(['low', 'medium', 'high']).nullable(),
  review_decision: z.enum(['manual_approved', 'manual_rejected', 'auto_approved', 'auto_rejected']),
  reviewed_by: z.uuid().nullable(),
  reviewed_at: at.nullable(),
  flags: z.array(z.string()),
});

export const ApplicantVerificationCompleteData = z.object({
  ...applicant,
  status: z.string(),
  /** Only in sandbox verifications, and true there. */
  sandbox: z.literal(true).optional(),
  biometrics_verified: z.boolean(),
  screening_status: z.enum(['clear', 'hit', 'not_run']),
  risk_level: z.enum(['low', 'medium', 'high', 'unknown']),
  verification_results: z.object({
    biometrics: z.object({ face_match: z.boolean(), liveness: z.boolean() }),
    screening: z.object({
      watchlist: z.object({ status: z.string(), hit_count: z.int().nonnegative() }),
    }),
    risk: z.object({ overall_level: z.string(), score: z.int().min(0).max(100).nullable() }),
  }),
});

export const ScreeningCompletedData = z.object({
  ...applicant,
  screening_check_id: z.uuid(),
  status: z.enum(['clear', 'hit', 'error']),
  hit_count: z.int().nonnegative(),
  check_types: z.array(z.string()),
  list_version: z.string().nullable(),
  completed_at: at,
});

export const SessionCompletedData = z.object({
  session_id: z.uuid(),
  applicant_id: z.uuid(),
  status: z.string(),
  completed_at: at.nullable(),
  completion_data: z.record(z.string(), z.json()).nullable(),
});

/** Goes to the URL of the workflow; the workflow can add fields of its own. */
export const WorkflowActionData = z.looseObject({
  workflow_execution_id: z.uuid(),
  applicant: z.object({
    id: z.uuid(),
    status: z.string(),
    risk_level: z.string().nullable(),
  }),
});

export const LinkDisconnectedData = z.object({
  link_id: z.string(),
  user_id: z.string().nullable(),
  template_id: z.string().nullable(),
  employer_id: z.string().nullable(),
  disconnected_at: at,
});

/** The life cycle of an applicant: reserved, nothing publishes it yet. */
export const ApplicantChangedData = z.object({ ...applicant, status: z.string() });
export const ScreeningStartedData = z.object({
  ...applicant,
  screening_check_id: z.uuid(),
  check_types: z.array(z.string()),
});

/** The slugs of the topics with these types, unless a team registers them as its own. */
export const teamEvents: ReadonlyMap<string, { data: z.ZodObject; team: string }> = new Map([
  ['applicant.created', { data: ApplicantChangedData, team: 'applicants' }],
  ['applicant.updated', { data: ApplicantChangedData, team: 'applicants' }],
  ['applicant.approved', { data: ApplicantChangedData, team: 'applicants' }],
  ['applicant.rejected', { data: ApplicantChangedData, team: 'applicants' }],
  ['applicant.withdrawn', { data: ApplicantChangedData, team: 'applicants' }],
  ['applicant.submitted', { data: ApplicantSubmittedData, team: 'applicants' }],
  ['applicant.reviewed', { data: ApplicantReviewedData, team: 'applicants' }],
  [
    'applicant.verification_complete',
    { data: ApplicantVerificationCompleteData, team: 'applicants' },
  ],
  ['screening.started', { data: ScreeningStartedData, team: 'screening' }],
  ['screening.completed', { data: ScreeningCompletedData, team: 'screening' }],
  ['screening.hit', { data: ScreeningCompletedData, team: 'screening' }],
  ['session.completed', { data: SessionCompletedData, team: 'sessions' }],
  ['workflow.action.webhook', { data: WorkflowActionData, team: 'workflows' }],
  ['link.disconnected', { data: LinkDisconnectedData, team: 'links' }],
]);
