import type { People } from './people.ts';
import { readReports } from './read-reports.ts';
import type { ExpectedEvent, ExpectedValue, Story } from './story.ts';
import { standardWebhooks, trueworkToken } from './verification.ts';

interface Body {
  hook: { event: string };
  data: { order_id: string } & Record<string, unknown>;
}

const order = 'ana-garcia';
const payslip = 'ana-garcia-payslip';
const metadata = { branch: 'north' };

const stateChange = (verification: string, state: string): ExpectedEvent => ({
  event: 'verification_request.state.change',
  about: order,
  fields: { state, verification_request_id: idOf(verification), branch: metadata.branch },
});
const idOf =
  (verification: string): ExpectedValue =>
  (facts) =>
    facts.verification(order, verification).id;

/** Truework's two events, of an order of income and assets. */
export const truework: Story = {
  title: 'Truework: an order of income and assets, from its first state to its results',
  dialect: 'truework',
  targets: ['endpoint'],
  read(body) {
    const { hook, data } = JSON.parse(body.toString()) as Body;
    const { order_id: aboutId, metadata: given, ...fields } = data;
    return { event: hook.event, aboutId, fields: { ...fields, ...(given as typeof metadata) } };
  },
  verify: (body, headers, { secret, token }) => [
    standardWebhooks(body, headers, secret),
    trueworkToken(headers, token),
  ],
  steps: [
    {
      text: 'A lender orders the income and the assets of Ana García.',
      act: (people) =>
        people.order(order, {
          templateId: 'casewire.income-and-assets',
          user: { externalId: 'customer-7', name: 'Ana García' },
          metadata,
        }),
      expect: [stateChange('income', 'processing'), stateChange('assets', 'processing')],
    },
    {
      text: 'For the income her bank statement comes: it is not the payslip that was ordered.',
      act: (people) => submitForIncome(people, 'ana-garcia-statement', ['bank_statement', 91]),
      expect: [stateChange('income', 'action-required')],
    },
    {
      text: 'The lender answers by API: a payslip will follow, and whom to ask.',
      act: ({ orderer, facts }) =>
        orderer.giveInformation(facts.verification(order, 'income').id, {
          follows: 'payslip',
          contact: 'payroll department',
        }),
      expect: [stateChange('income', 'processing')],
    },
    {
      text: 'Her payslip comes. Its verdict is “review”, so a person must look at it.',
      async act(people) {
        await submitForIncome(people, payslip, ['payslip', 92, 'verdict-review']);
        await people.untilInReview(payslip);
      },
      expect: [],
    },
    {
      text: 'Rosa Lind, a reviewer, approves it.',
      act: async (people) =>
        people.reviewer.resolve((await people.openReview(payslip)).id, {
          resolution: 'approved',
          comment: 'The employer confirmed it by telephone.',
        }),
      expect: [stateChange('income', 'completed')],
    },
    {
      text: 'The lender does not need the assets any more, and cancels them.',
      act: ({ orderer, facts }) =>
        orderer.cancelVerification(facts.verification(order, 'assets').id),
      expect: [
        stateChange('assets', 'canceled'),
        { event: 'order.completed', about: order, fields: { branch: metadata.branch } },
      ],
    },
    {
      text: 'It reads the results over the links of the order.',
      act: (people) => readReports(people, order, { status: 'completed', cases: [payslip] }),
      expect: [],
    },
  ],
};

const submitForIncome = (
  people: People,
  name: string,
  document: Parameters<People['submit']>[0]['documents'][number],
) =>
  people.submit({
    name,
    documents: [document],
    features: ['extraction', 'forensics'],
    verificationId: people.facts.verification(order, 'income').id,
  });
