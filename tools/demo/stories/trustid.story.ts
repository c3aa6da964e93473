import type { Story } from './story.ts';
import { standardWebhooks } from './verification.ts';

interface Body {
  Callback: {
    WorkflowName: string;
    WorkflowState: string;
    WorkflowStorage: { Key: string; Value: unknown }[];
  };
  Response: { ContainerId: string };
}

/** A body has no name of its event: the workflow and its state say which one it is. */
const events = new Map([
  ['AutoReferral/Start', 'ContainerSubmitted'],
  ['AutoReferral/WaitingForReferralCompletion', 'ContainerSentToReview'],
  ['AutoReferral/Stop', 'ResultNotification'],
  ['UpdateDocument/Stop', 'DocumentModifiedPostResult'],
  ['UpdateDocumentContainer/Stop', 'ContainerModifiedPostResult'],
]);

const caseName = 'guest-link-7';
const workflow = (name: string, state: string, reference = 'LINK-7') => ({
  WorkflowName: name,
  WorkflowState: state,
  ClientApplicationReference: reference,
});

/** TrustID's events of one container, at an endpoint and at the callback URL of the case. */
export const trustid: Story = {
  title: 'TrustID: a container, from its submission to corrections after its result',
  dialect: 'trustid',
  targets: ['endpoint', 'case callback'],
  read(body) {
    const { Callback, Response } = JSON.parse(body.toString()) as Body;
    const { WorkflowName, WorkflowState, WorkflowStorage } = Callback;
    const { DocumentId, ClientApplicationReference } = Object.fromEntries(
      WorkflowStorage.map(({ Key, Value }) => [Key, Value]),
    );
    const key = `${WorkflowName}/${WorkflowState}`;
    return {
      event: events.get(key) ?? key,
      aboutId: Response.ContainerId,
      fields: {
        WorkflowName,
        WorkflowState,
        ClientApplicationReference,
        ...(DocumentId !== undefined && { DocumentId }),
      },
    };
  },
  verify: (body, headers, { secret }) => [standardWebhooks(body, headers, secret)],
  steps: [
    {
      text: 'The partner submits a bank statement and a letter with the reference LINK-7 and a callback URL.',
      act: (people) =>
        people.submit({
          name: caseName,
          documents: [
            ['bank_statement', 71],
            ['letter', 72],
          ],
          features: ['extraction'],
          reference: 'LINK-7',
          callbackUrl: people.urls['case callback'],
        }),
      expect: [
        { event: 'ContainerSubmitted', about: caseName, fields: workflow('AutoReferral', 'Start') },
        {
          // The letter is of no known type: its extraction fails, and the organization has automatic reviews.
          event: 'ContainerSentToReview',
          about: caseName,
          fields: workflow('AutoReferral', 'WaitingForReferralCompletion'),
        },
      ],
    },
    {
      text: 'Rosa Lind, a reviewer, reads the letter and approves the case.',
      async act(people) {
        await people.untilInReview(caseName);
        const { id } = await people.openReview(caseName);
        await people.reviewer.resolve(id, {
          resolution: 'approved',
          comment: 'The letter is not needed: the bank statement has the address.',
        });
      },
      expect: [
        { event: 'ResultNotification', about: caseName, fields: workflow('AutoReferral', 'Stop') },
      ],
    },
    {
      text: 'She corrects a typo: the name of the account holder on the bank statement.',
      act: ({ reviewer, facts }) =>
        reviewer.reviseDocument(facts.case(caseName).id, facts.case(caseName).uploads[0]!.id, {
          fields: [{ name: 'account_holder', value: 'Jane Doe' }],
          reason: 'The name was misspelled.',
        }),
      expect: [
        {
          event: 'DocumentModifiedPostResult',
          about: caseName,
          fields: {
            ...workflow('UpdateDocument', 'Stop'),
            DocumentId: (facts) => facts.case(caseName).uploads[0]!.id,
          },
        },
      ],
    },
    {
      text: 'She corrects the reference of the case: LINK-7 becomes LINK-77.',
      act: ({ reviewer, facts }) =>
        reviewer.reviseCase(facts.case(caseName).id, {
          reference: 'LINK-77',
          reason: 'The case belongs to another guest link.',
        }),
      expect: [
        {
          event: 'ContainerModifiedPostResult',
          about: caseName,
          fields: workflow('UpdateDocumentContainer', 'Stop', 'LINK-77'),
        },
      ],
    },
  ],
};
