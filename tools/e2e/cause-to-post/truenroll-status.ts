import { ReviewClient } from '@casewire/client';
import { expect, test } from 'vitest';

import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import { bodyOf, openReviewOf, receivedOnce, sample } from './received.ts';

/** The overall status of a case, which shows whether documents must be submitted again or a person must decide. */
export function statusScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('TE-32 GET /cases/{id} gives the overall status: processing, in_review, action_required, completed, canceled', async () => {
    const partner = await platform().partner({ automaticReviews: true });
    const { client, key } = partner;
    const reviews = new ReviewClient(platform().url, key);
    const listener = await partner.listen({ dialect: 'truenroll' });
    const seen: [string, string][] = [];
    listener.receiver.respond = async (request, response) => {
      const { eventName, payload } = bodyOf(request);
      if (payload.externalId === 'applicant-1')
        seen.push([eventName, (await client.case(payload.caseId)).status]);
      response.writeHead(200).end();
    };
    const statusOf = async ({ id }: { id: string }) => (await client.case(id)).status;
    const submit = async (kind: 'letter' | 'invoice', externalId: string, steered = '') =>
      client.submit({
        files: [await sample(kind, { steered })],
        features: ['extraction'],
        externalId,
      });
    // Each stage takes a second longer, so that the case is seen before its end.
    const slowly = 'slow-1';

    const view = await submit('letter', 'applicant-1', slowly);
    expect(await statusOf(view)).toBe('processing');
    await receivedOnce(client, view.id, listener.receiver, 2);
    await reviews.resolve(await openReviewOf(client, view.id), {
      resolution: 'more_requested',
      comment: 'Please submit the invoice.',
    });
    expect(await statusOf(view)).toBe('action_required');

    expect((await submit('invoice', 'applicant-1', slowly)).id).toBe(view.id);
    expect(await statusOf(view)).toBe('processing');
    await receivedOnce(client, view.id, listener.receiver, 4);
    expect(await statusOf(view)).toBe('completed');

    const other = await submit('letter', 'applicant-2');
    await receivedOnce(client, other.id, listener.receiver, 6);
    await openReviewOf(client, other.id);
    await reviews.cancel(other.id);
    expect(await statusOf(other)).toBe('canceled');

    // What a partner sees who asks for the status when an event arrives.
    expect(seen).toEqual([
      ['case.classification.completed', 'processing'],
      ['case.extraction.failed', 'in_review'],
      ['case.classification.completed', 'processing'],
      ['case.extraction.completed', 'completed'],
    ]);
  });
}
