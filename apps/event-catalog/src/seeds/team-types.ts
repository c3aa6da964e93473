import { teamEvents, teamTopic } from '@casewire/contracts';

import { seed, type CataloguedType, type TypeDescription } from './seed.ts';

const applicant = {
  applicant_id: '550e8400-e29b-41d4-a716-446655440000',
  external_id: 'user_123',
};
const applicantType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Applicant',
  trigger,
  sample: { ...applicant, ...sample },
});
const screening = {
  ...applicant,
  screening_check_id: 'f6a7b8c9-d0e1-4345-8012-789012345678',
};
const screeningType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Screening',
  trigger,
  sample: { ...screening, ...sample },
});
const screened = {
  check_types: ['sanctions', 'pep', 'adverse_media'],
  list_version: '2026-02-04',
  completed_at: '2026-02-04T14:10:00Z',
};

const descriptions: Readonly<Record<string, TypeDescription>> = {
  'applicant.created': applicantType('An applicant was created', { status: 'created' }),
  'applicant.updated': applicantType('An applicant was changed', { status: 'in_progress' }),
  'applicant.approved': applicantType('An applicant was approved', { status: 'approved' }),
  'applicant.rejected': applicantType('An applicant was rejected', { status: 'rejected' }),
  'applicant.withdrawn': applicantType('An applicant withdrew', { status: 'withdrawn' }),
  'applicant.submitted': applicantType(
    'An applicant submits their verification: documents are uploaded, processing has not begun',
    {
      status: 'in_progress',
      submitted_at: '2026-02-04T14:00:00Z',
      documents_count: 2,
      steps_completed: ['document_upload', 'selfie'],
    },
  ),
  'applicant.reviewed': applicantType('A reviewer approves or rejects an applicant by hand', {
    status: 'approved',
    risk_score: 25,
    risk_level: 'low',
    review_decision: 'manual_approved',
    reviewed_by: 'd4e5f6a7-b8c9-4123-8ef0-456789012345',
    reviewed_at: '2026-02-04T15:00:00Z',
    flags: [],
  }),
  'applicant.verification_complete': applicantType(
    'Every check of an applicant has ended, in the sandbox as well',
    {
      status: 'approved',
      biometrics_verified: true,
      screening_status: 'clear',
      risk_level: 'low',
      verification_results: {
        biometrics: { face_match: true, liveness: true },
        screening: { watchlist: { status: 'clear', hit_count: 0 } },
        risk: { overall_level: 'low', score: 25 },
      },
    },
  ),
  'screening.started': screeningType('The screening of an applicant begins', {
    check_types: screened.check_types,
  }),
  'screening.completed': screeningType('The screening of an applicant has ended', {
    status: 'clear',
    hit_count: 0,
    ...screened,
  }),
  'screening.hit': screeningType('A screening found something', {
    status: 'hit',
    hit_count: 1,
    ...screened,
  }),
  'session.completed': {
    category: 'Session',
    trigger: 'A verification session ends',
    sample: {
      session_id: 'f2345678-9012-4456-b890-345678901234',
      applicant_id: applicant.applicant_id,
      status: 'completed',
      completed_at: '2026-02-04T14:15:00Z',
      completion_data: { final_status: 'approved', risk_level: 'low' },
    },
  },
  'workflow.action.webhook': {
    category: 'Workflow',
    trigger: 'A workflow reaches a step that sends a webhook, to the URL in the workflow',
    sample: {
      workflow_execution_id: 'b2c3d4e5-f6a7-4901-bcde-f12345678901',
      applicant: { id: applicant.applicant_id, status: 'approved', risk_level: 'low' },
    },
  },
  'link.disconnected': {
    category: 'Link',
    trigger: 'The link to a data source was disconnected',
    sample: {
      link_id: 'link-12',
      user_id: 'user-311',
      template_id: null,
      employer_id: 'employer-77',
      disconnected_at: '2026-02-04T14:20:00Z',
    },
  },
};

/**
 * Types to which endpoints can subscribe and that no team publishes. Some of the names are announced as reserved (TG-12); the
 * others are not among the events that the reference lists as fired, and only types that are fired may be listed as such
 * (TG-1). The team that publishes one of them takes it over and makes it active.
 */
const reserved = new Set([
  'applicant.created',
  'applicant.withdrawn',
  'screening.started',
  'applicant.updated',
  'applicant.approved',
  'applicant.rejected',
  'screening.hit',
]);

const callbacks: Readonly<Record<string, CataloguedType['callback']>> = {
  'session.completed': 'also',
  'workflow.action.webhook': 'instead',
};

/** Event types of teams; their owner is the slug of the publishing team until the team takes them over. */
export const teamTypes: readonly CataloguedType[] = [...teamEvents].map(([name, { data, team }]) =>
  seed(name, data, descriptions[name]!, {
    owner: team,
    sourceTopic: teamTopic(team),
    ordering: 'key',
    status: reserved.has(name) ? 'reserved' : 'active',
    callback: callbacks[name] ?? 'none',
  }),
);
