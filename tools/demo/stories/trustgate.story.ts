import type { ExpectedEvent, Story } from './story.ts';
import { standardWebhooks, trustGateSignatures } from './verification.ts';

interface Body {
  event_type: string;
  data: { applicant_id: string } & Record<string, unknown>;
}

/** What is shown of an event's data. */
const shown = [
  'document_type',
  'status',
  'media_type',
  'case_type',
  'priority',
  'auto_created',
  'assigned_to',
  'resolution',
  'resolved_by_name',
];

const genuine = 'applicant-1';
const edited = 'applicant-2';
const letter = 'applicant-3';
const analyst = { assigneeId: '5f0e3c1a-9d7b-4c28-8e64-2b1a0f9d8c7e', assigneeName: 'Sam Okoro' };

const uploaded = (caseName: string): ExpectedEvent => ({
  event: 'document.uploaded',
  about: caseName,
  fields: { media_type: 'application/pdf' },
});
const assigned = (caseName: string): ExpectedEvent => ({
  event: 'case.assigned',
  about: caseName,
  fields: { assigned_to: analyst.assigneeId },
});
const resolved = (caseName: string, resolution: string): ExpectedEvent => ({
  event: 'case.resolved',
  about: caseName,
  fields: { resolution, resolved_by_name: 'Rosa Lind' },
});

/** TrustGate's document events and case events of three applicants. */
export const trustgate: Story = {
  title:
    'TrustGate: documents that are verified and rejected, and reviews from opening to resolution',
  dialect: 'trustgate',
  targets: ['endpoint'],
  read(body) {
    const { event_type: event, data } = JSON.parse(body.toString()) as Body;
    const fields = Object.fromEntries(
      shown.flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]]])),
    );
    return { event, aboutId: data.applicant_id, fields };
  },
  verify: (body, headers, { secret }) => [
    standardWebhooks(body, headers, secret),
    ...trustGateSignatures(body, headers, secret),
  ],
  steps: [
    {
      text: 'The partner submits the bank statement of applicant-1.',
      act: (people) =>
        people.submit({
          name: genuine,
          documents: [['bank_statement', 81]],
          features: ['extraction', 'forensics'],
        }),
      expect: [
        uploaded(genuine),
        {
          event: 'document.verified',
          about: genuine,
          fields: { status: 'verified', document_type: 'bank_statement' },
        },
      ],
    },
    {
      text: 'The partner submits the bank statement of applicant-2, whose balance was painted over.',
      act: (people) =>
        people.submit({
          name: edited,
          documents: [['bank_statement_overlay', 82]],
          features: ['extraction', 'forensics'],
        }),
      expect: [
        uploaded(edited),
        {
          event: 'document.rejected',
          about: edited,
          fields: { status: 'rejected', document_type: 'bank_statement' },
        },
      ],
    },
    {
      text: 'The partner submits a letter of applicant-3: it cannot be processed automatically, so a review is opened.',
      act: (people) =>
        people.submit({ name: letter, documents: [['letter', 83]], features: ['extraction'] }),
      expect: [
        uploaded(letter),
        {
          event: 'case.created',
          about: letter,
          fields: { auto_created: true, case_type: 'document_review', priority: 'high' },
        },
      ],
    },
    {
      text: 'Rosa Lind, who leads the reviewers, assigns it to Sam Okoro.',
      act: async (people) => people.reviewer.assign((await people.openReview(letter)).id, analyst),
      expect: [assigned(letter)],
    },
    {
      text: 'She rejects it.',
      async act(people) {
        await people.untilInReview(letter);
        await people.reviewer.resolve((await people.openReview(letter)).id, {
          resolution: 'rejected',
          comment: 'A letter is not evidence of income.',
        });
      },
      expect: [resolved(letter, 'rejected')],
    },
    {
      text: 'She opens a review of applicant-1 by hand.',
      act: ({ reviewer, facts }) =>
        reviewer.open(facts.case(genuine).id, {
          reviewType: 'risk_review',
          priority: 'critical',
          reason: 'The same account belongs to another applicant.',
        }),
      expect: [
        {
          event: 'case.created',
          about: genuine,
          fields: { auto_created: false, case_type: 'risk_review', priority: 'critical' },
        },
      ],
    },
    {
      text: 'She assigns this review to Sam Okoro, too, and approves it after his call.',
      async act(people) {
        const { id } = await people.openReview(genuine);
        await people.reviewer.assign(id, analyst);
        await people.reviewer.resolve(id, {
          resolution: 'approved',
          comment: 'They share a flat.',
        });
      },
      expect: [assigned(genuine), resolved(genuine, 'approved')],
    },
  ],
};
