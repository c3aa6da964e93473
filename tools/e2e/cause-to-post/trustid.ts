import { ReviewClient } from '@casewire/client';
import type { CaseView } from '@casewire/contracts';
import type { ReceivedRequest, WebhookReceiver } from '@casewire/testing';
import { beforeAll, describe, expect, test } from 'vitest';

import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import {
  bodyOf,
  expectOneLane,
  expectSigned,
  headerOf,
  openReviewOf,
  receivedOnce,
  sample,
} from './received.ts';

const reference = 'john-smith-7';

/** The workflow and the state of each event of TrustID, in the order in which a case causes them here. */
const sequence = [
  ['AutoReferral', 'Start'],
  ['AutoReferral', 'WaitingForReferralCompletion'],
  ['AutoReferral', 'Stop'],
  ['UpdateDocument', 'Stop'],
  ['UpdateDocumentContainer', 'Stop'],
] as const;
const [submitted, sentToReview, result, documentModified, containerModified] = [0, 1, 2, 3, 4];

const processes: Record<string, string> = {
  AutoReferral: 'DataAccess.PublishDocumentContainer',
  UpdateDocument: 'DataAccess.UpdateDocument',
  UpdateDocumentContainer: 'DataAccess.UpdateDocumentContainer',
};

interface Destination {
  url: string;
  secret: string;
  requests: readonly ReceivedRequest[];
}

/**
 * TrustID's events of one case, at an endpoint and at the case's own callback URL: it is submitted with a document that cannot be
 * processed automatically, a reviewer decides, and after the result a field and the case are corrected.
 */
export function trustidScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('TrustID', () => {
    let view: CaseView;
    let corrected: string;
    let destinations: Destination[];
    let account: WebhookReceiver;

    beforeAll(async () => {
      account = await platform().receiver();
      const partner = await platform().partner({
        automaticReviews: true,
        callback: { url: account.url('/account'), dialect: 'trustid' },
      });
      const { client, key } = partner;
      const { secret } = await client.rotateCallbackSecret();
      const journey = await platform().receiver();
      const { receiver, endpoint } = await partner.listen({ dialect: 'trustid' });
      const reviews = new ReviewClient(platform().url, key);

      view = await client.submit({
        files: [await sample('letter'), await sample('invoice')],
        features: ['extraction'],
        externalId: 'application-1',
        reference,
        callbackUrl: journey.url('/trustid/callback/48cc6c7c/'),
      });
      const reviewId = await openReviewOf(client, view.id);
      await reviews.resolve(reviewId, { resolution: 'approved', comment: 'a letter is fine' });
      corrected = view.uploads[1]!.id;
      await reviews.reviseDocument(view.id, corrected, {
        fields: [{ name: 'invoice_number', value: 'INV-7' }],
        reason: 'a typo in the number',
      });
      await reviews.reviseCase(view.id, {
        metadata: { journey: 'guest' },
        reason: 'it was a guest',
      });

      destinations = [
        {
          url: receiver.url('/hook'),
          secret: endpoint.secret,
          requests: await receivedOnce(client, view.id, receiver, sequence.length),
        },
        {
          url: journey.url('/trustid/callback/48cc6c7c/'),
          secret,
          requests: await receivedOnce(client, view.id, journey, sequence.length),
        },
      ];
    }, 120_000);

    /** One of the case's events as each destination received it, and as it is expected with every field. */
    function event(index: number, storage: { Key: string; Value: unknown }[] = []) {
      const [workflow, state] = sequence[index]!;
      const date = expect.stringMatching(/^\/Date\(\d{13}\+0000\)\/$/) as string;
      const expected = destinations.map(({ url, requests }) => ({
        Callback: {
          Aborted: false,
          CallbackAt: date,
          CallbackId: headerOf(requests[index]!, 'webhook-id'),
          CallbackStatusCode: 0,
          CallbackUrl: url,
          ErrorMessage: null,
          ProcessName: processes[workflow],
          RetryCounter: 1,
          ScheduledAt: date,
          State: 5,
          UpdatedAt: date,
          WorkflowName: workflow,
          WorkflowState: state,
          WorkflowStorage: [
            { Key: 'ContainerId', Value: view.id },
            { Key: 'MergeContainers', Value: false },
            ...storage,
            { Key: 'ClientApplicationReference', Value: reference },
          ],
        },
        Response: { ContainerId: view.id },
      }));
      return { received: destinations.map(({ requests }) => bodyOf(requests[index]!)), expected };
    }

    const workflows = ({ requests }: Destination) =>
      requests.map((request) => {
        const { WorkflowName, WorkflowState } = bodyOf(request).Callback as Record<string, string>;
        return [WorkflowName, WorkflowState];
      });

    test('TI-5 ContainerSubmitted follows the submission', () => {
      const { received, expected } = event(submitted);
      expect(received).toStrictEqual(expected);
    });

    test('TI-6 ContainerSentToReview follows a document that cannot be processed automatically', () => {
      const { received, expected } = event(sentToReview);
      expect(received).toStrictEqual(expected);
    });

    test('TI-3 ResultNotification follows the decision of the reviewer, once', () => {
      const { received, expected } = event(result);
      expect(received).toStrictEqual(expected);
      for (const destination of destinations) {
        const results = workflows(destination).filter(
          ([name, state]) => name === 'AutoReferral' && state === 'Stop',
        );
        expect(results).toHaveLength(1);
      }
    });

    test('TI-7 DocumentModifiedPostResult follows the correction of a field', () => {
      const { received, expected } = event(documentModified, [
        { Key: 'DocumentId', Value: corrected },
      ]);
      expect(received).toStrictEqual(expected);
    });

    test('TI-8 ContainerModifiedPostResult follows the correction of the case', () => {
      const { received, expected } = event(containerModified);
      expect(received).toStrictEqual(expected);
    });

    test('TI-15 a case that needs a reviewer goes through the workflow AutoReferral from its submission to its result', () => {
      for (const destination of destinations) {
        expectOneLane(destination.requests);
        expect(workflows(destination).filter(([name]) => name === 'AutoReferral')).toEqual([
          ['AutoReferral', 'Start'],
          ['AutoReferral', 'WaitingForReferralCompletion'],
          ['AutoReferral', 'Stop'],
        ]);
        expect(workflows(destination).slice(0, 3)).toEqual(sequence.slice(0, 3));
      }
    });

    test('TI-16 a case that is corrected after its result is in the workflow UpdateDocumentContainer', () => {
      for (const destination of destinations)
        expect(workflows(destination).slice(4)).toEqual([['UpdateDocumentContainer', 'Stop']]);
    });

    test('TI-17 a document that is corrected after the result is in the workflow UpdateDocument', () => {
      for (const destination of destinations)
        expect(workflows(destination)[3]).toEqual(['UpdateDocument', 'Stop']);
    });

    test('TI-18 a workflow is in the state Start, WaitingForReferralCompletion or Stop', () => {
      for (const destination of destinations)
        expect(workflows(destination).map(([, state]) => state)).toEqual([
          'Start',
          'WaitingForReferralCompletion',
          'Stop',
          'Stop',
          'Stop',
        ]);
    });

    test('every request is signed, and has the path of its URL', () => {
      for (const { url, secret, requests } of destinations) {
        for (const request of requests) expectSigned(request, secret);
        expect(new Set(requests.map(({ path }) => path))).toEqual(new Set([new URL(url).pathname]));
      }
    });

    test('the callback URL of the account gets nothing about a case with its own', () => {
      expect(account.requests).toEqual([]);
    });
  });
}
