import type { PartnerClient } from '@casewire/client';
import { generate, type SampleKind } from '@casewire/samples';
import type { ReceivedRequest, WebhookReceiver } from '@casewire/testing';
import { Webhook } from 'standardwebhooks';
import { expect, vi } from 'vitest';

export const bodyOf = ({ body }: ReceivedRequest): Record<string, any> =>
  JSON.parse(body.toString());
export const headerOf = ({ headers }: ReceivedRequest, name: string) => headers[name] as string;

/** A document that is the same in every run; its name may have parts that steer the sandbox. */
export async function sample(kind: SampleKind, { seed = 4, steered = '' } = {}) {
  const { fileName, bytes } = await generate(kind, { seed });
  return { name: steered ? fileName.replace('.', `.${steered}.`) : fileName, bytes };
}

const patience = { timeout: 30_000, interval: 50 };

/** Resolves to the review of a case once every stage of the case has ended. */
export async function openReviewOf(client: PartnerClient, caseId: string): Promise<string> {
  const { openReviewId } = await vi.waitFor(async () => {
    const view = await client.case(caseId);
    expect(view.status).toBe('in_review');
    return view;
  }, patience);
  return openReviewId!;
}

/**
 * Resolves to the requests about a case, in the order of their arrival, once this number of them has arrived and none is under
 * way. Each event was sent once, with the first attempt.
 */
export async function receivedOnce(
  client: PartnerClient,
  caseId: string,
  receiver: WebhookReceiver,
  count: number,
): Promise<readonly ReceivedRequest[]> {
  await receiver.until((requests) => requests.length >= count);
  const deliveries = async () => (await client.deliveries({ caseId, limit: 100 })).items;
  const pending = async () => (await deliveries()).filter(({ state }) => state === 'pending');
  await vi.waitFor(async () => expect(await pending()).toEqual([]), patience);
  for (const { state, attempts } of await deliveries())
    expect([state, attempts]).toEqual(['delivered', 1]);
  const ids = receiver.requests.map((request) => headerOf(request, 'webhook-id'));
  expect(ids).toHaveLength(count);
  expect(new Set(ids).size).toBe(count);
  return receiver.requests;
}

/** Checks that these are the first requests of one lane, in its order, with none missing. */
export function expectOneLane(requests: readonly ReceivedRequest[]): void {
  expect(requests.map((request) => headerOf(request, 'webhook-sequence'))).toEqual(
    requests.map((_, i) => `${i + 1}`),
  );
  expect(requests.map((request) => request.headers['webhook-previous-id'])).toEqual([
    undefined,
    ...requests.slice(0, -1).map((request) => headerOf(request, 'webhook-id')),
  ]);
}

/** Checks that a request is a POST of JSON with the signature of Standard Webhooks. */
export function expectSigned(request: ReceivedRequest, secret: string): void {
  expect(request.method).toBe('POST');
  expect(request.headers['content-type']).toBe('application/json');
  const headers = request.headers as Record<string, string>;
  expect(new Webhook(secret).verify(request.body.toString(), headers)).toEqual(bodyOf(request));
}
