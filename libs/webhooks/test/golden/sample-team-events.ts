import { event, type SampleEvents } from './sample-event.ts';

const applicantId = '550e8400-e29b-41d4-a716-446655440000';
const ofApplicant = { applicant_id: applicantId, external_id: 'user_123' };

/** Events of teams. */
export const teamSampleEvents: SampleEvents = [
  ...(['created', 'updated', 'approved', 'rejected', 'withdrawn'] as const).map(
    (change) =>
      [
        `applicant.${change}`,
        event(`applicant.${change}`, { ...ofApplicant, status: change }),
      ] as const,
  ),
  [
    'applicant.submitted',
    event(
      'applicant.submitted',
      {
        ...ofApplicant,
        status: 'in_progress',
        submitted_at: '2026-02-04T14:00:00Z',
        documents_count: 2,
        steps_completed: ['document_upload', 'selfie'],
      },
      { correlationId: 'trace-7' },
    ),
  ],
  [
    'applicant.reviewed',
    event('applicant.reviewed', {
      ...ofApplicant,
      status: 'approved',
      risk_score: 25,
      risk_level: 'low',
      review_decision: 'manual_approved',
      reviewed_by: 'd4e5f6a7-b8c9-4123-9ef0-456789012345',
      reviewed_at: '2026-02-04T15:00:00Z',
      flags: [],
    }),
  ],
  ...[false, true].map((sandbox) => {
    const data = {
      ...ofApplicant,
      status: 'approved',
      ...(sandbox && { sandbox: true as const }),
      biometrics_verified: true,
      screening_status: 'clear' as const,
      risk_level: 'low' as const,
      verification_results: {
        biometrics: { face_match: true, liveness: true },
        screening: { watchlist: { status: 'clear', hit_count: 0 } },
        risk: { overall_level: 'low', score: 25 },
      },
    };
    return [
      `applicant.verification_complete${sandbox ? '.sandbox' : ''}`,
      event('applicant.verification_complete', data, {
        environment: sandbox ? 'sandbox' : 'production',
      }),
    ] as const;
  }),
  [
    'screening.started',
    event('screening.started', {
      ...ofApplicant,
      screening_check_id: 'f6a7b8c9-d0e1-4345-a012-789012345678',
      check_types: ['sanctions', 'pep'],
    }),
  ],
  ...(
    [
      ['completed', 'clear', 0],
      ['hit', 'hit', 1],
    ] as const
  ).map(
    ([name, status, hits]) =>
      [
        `screening.${name}`,
        event(`screening.${name}`, {
          ...ofApplicant,
          screening_check_id: 'f6a7b8c9-d0e1-4345-a012-789012345678',
          status,
          hit_count: hits,
          check_types: ['sanctions', 'pep', 'adverse_media'],
          list_version: '2026-02-04',
          completed_at: '2026-02-04T14:10:00Z',
        }),
      ] as const,
  ),
  [
    'session.completed',
    event('session.completed', {
      session_id: 'f2345678-9012-4456-b890-345678901234',
      applicant_id: applicantId,
      status: 'completed',
      completed_at: '2026-02-04T14:15:00Z',
      completion_data: { final_status: 'approved', risk_level: 'low' },
    }),
  ],
  [
    'workflow.action.webhook',
    event('workflow.action.webhook', {
      workflow_execution_id: 'b2c3d4e5-f6a7-4901-bcde-f12345678901',
      applicant: { id: applicantId, status: 'approved', risk_level: 'low' },
      team_note: 'a field of the workflow',
    }),
  ],
  [
    'link.disconnected',
    event('link.disconnected', {
      link_id: '9915c50cc047413bb810767f218390f8',
      user_id: 'user_123',
      template_id: null,
      employer_id: '31e2fdc5bf0c42d4bd2eb16f49066b0d',
      disconnected_at: '2026-02-04T14:07:59Z',
    }),
  ],
];
