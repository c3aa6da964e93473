import type { People } from './people.ts';
import { readReports } from './read-reports.ts';
import type { ExpectedEvent, ExpectedValue, Story } from './story.ts';
import { standardWebhooks, truvSignature } from './verification.ts';

interface Body {
  event_type: string;
  user_id: string;
  order_id?: string;
}

/** What is shown of a body. */
const shown = [
  'status',
  'order_number',
  'data_source',
  'link_id',
  'employer_id',
  'task_id',
  'tracking_info',
] as const;

const order = 'loan-4711';
const failedAttempt = 'loan-4711-statement';
const payslip = 'loan-4711-payslip';
const assets = 'loan-4711-assets';

const employerOf =
  (verification: string): ExpectedValue =>
  (facts) =>
    facts.verification(order, verification).employerId;
const aboutOrder = { order_number: (facts) => facts.order(order).number } satisfies Record<
  string,
  ExpectedValue
>;

/** The status of a task changed. `tracking_info` is the id of the employer that the order names for the verification. */
const task = (verification: string, status: string): ExpectedEvent => ({
  event: 'task-status-updated',
  about: order,
  fields: { status, tracking_info: employerOf(verification) },
});
/** An event of the order that a task caused. */
const orderEvent = (event: string, verification: string, status: string): ExpectedEvent => ({
  event,
  about: order,
  fields: { status, ...aboutOrder, data_source: 'docs', employer_id: employerOf(verification) },
});

/** Truv's events of an order: its creation, attempts, reports and refreshes. */
export const truv: Story = {
  title: 'Truv: an order, from its creation to a refresh of its reports',
  dialect: 'truv',
  targets: ['endpoint'],
  read(body) {
    const read = JSON.parse(body.toString()) as Body & Record<string, unknown>;
    const fields = Object.fromEntries(
      shown.flatMap((name) => (read[name] === undefined ? [] : [[name, read[name]]])),
    );
    // The event of a task names no order, but the user: this user has one order.
    return { event: read.event_type, aboutId: read.order_id ?? read.user_id, fields };
  },
  verify: (body, headers, { secret }) => [
    standardWebhooks(body, headers, secret),
    truvSignature(body, headers, secret),
  ],
  steps: [
    {
      text: 'A bank orders the income and the assets of a borrower. It names the employer for the income.',
      act: (people) =>
        people.order(order, {
          templateId: 'casewire.income-and-assets',
          user: { externalId: 'borrower-12' },
          verifications: [{ name: 'income', employer: { externalId: 'acme', name: 'Acme Ltd' } }],
        }),
      expect: [
        {
          event: 'order-created',
          about: order,
          fields: {
            status: 'pending',
            ...aboutOrder,
            data_source: null,
            link_id: null,
            employer_id: null,
          },
        },
      ],
    },
    {
      text: 'The first attempt fails: for the income the borrower sends a bank statement.',
      act: (people) => submit(people, failedAttempt, 'income', ['bank_statement', 93]),
      expect: [task('income', 'processing'), task('income', 'failed')],
    },
    {
      text: 'The second attempt succeeds: a payslip.',
      act: (people) => submit(people, payslip, 'income', ['payslip', 94, 'refresh-fails']),
      expect: [
        task('income', 'processing'),
        task('income', 'succeeded'),
        orderEvent('order-status-updated', 'income', 'processing'),
      ],
    },
    {
      text: 'A bank statement for the assets succeeds, too. The order is completed.',
      act: (people) => submit(people, assets, 'assets', ['bank_statement', 95]),
      expect: [
        task('assets', 'processing'),
        task('assets', 'succeeded'),
        orderEvent('order-status-updated', 'assets', 'completed'),
      ],
    },
    {
      text: 'The bank reads the two reports.',
      act: (people) =>
        readReports(people, order, { status: 'completed', cases: [payslip, assets] }),
      expect: [],
    },
    {
      text: 'A month later it refreshes the income. The refresh fails, and the results before stay.',
      act: (people) => refresh(people, 'income'),
      expect: [
        task('income', 'refreshing'),
        task('income', 'refresh_failed'),
        orderEvent('order-refresh-failed', 'income', 'SIMULATED_FAILURE'),
      ],
    },
    {
      text: 'It refreshes the assets. This refresh succeeds.',
      act: (people) => refresh(people, 'assets'),
      expect: [
        task('assets', 'refreshing'),
        task('assets', 'succeeded'),
        orderEvent('order-status-updated', 'assets', 'completed'),
      ],
    },
    {
      text: 'It reads the reports again: the refresh made a further one.',
      act: (people) =>
        readReports(people, order, {
          status: 'completed',
          cases: [payslip, assets, assets],
        }),
      expect: [],
    },
  ],
};

const submit = (
  people: People,
  name: string,
  verification: string,
  document: Parameters<People['submit']>[0]['documents'][number],
) =>
  people.submit({
    name,
    documents: [document],
    features: ['extraction', 'forensics'],
    verificationId: people.facts.verification(order, verification).id,
  });

const refresh = ({ orderer, facts }: People, verification: string) =>
  orderer.refresh(facts.order(order).id, {
    verificationIds: [facts.verification(order, verification).id],
  });
