import type { OrderView } from '@casewire/contracts';
import type { ReceivedRequest } from '@casewire/testing';
import { expect } from 'vitest';

import type { Listener } from '../test-platform.ts';
import { bodyOf, expectSigned } from './received.ts';

/** The names of Truework's two events. */
export const completion = 'order.completed';
export const stateChange = 'verification_request.state.change';

/** What differs between the bodies: the name of the event, and its data. */
export interface TrueworkEvent {
  event: string;
  data: object;
}

/** The event with which Truework says that a verification has a state. */
export const changeTo = (
  { id: orderId, metadata }: OrderView,
  verificationId: string,
  state: string,
): TrueworkEvent => ({
  event: stateChange,
  data: { order_id: orderId, state, verification_request_id: verificationId, metadata },
});

/** The event with which Truework says that an order is completed. */
export const completionOf = ({ id, metadata }: OrderView): TrueworkEvent => ({
  event: completion,
  data: { order_id: id, metadata },
});

/** Checks every field of the body, the token and the signature of a request. @param occurredAt the time of the event */
export async function expectTruework(
  request: ReceivedRequest,
  { client, receiver, endpoint }: Listener,
  { event, data }: TrueworkEvent,
  occurredAt: string,
): Promise<void> {
  expect(bodyOf(request)).toStrictEqual({
    version: '2023-10-30',
    hook: { id: endpoint.id, event, target: receiver.url('/hook'), triggered_at: occurredAt },
    data,
  });
  expect(request.path).toBe('/hook');
  const { token } = await client.endpointToken(endpoint.id);
  expect(request.headers['x-truework-token']).toBe(token);
  expectSigned(request, endpoint.secret);
}

export const isCompletion = (request: ReceivedRequest): boolean =>
  bodyOf(request).hook.event === completion;
export const stateOf = (request: ReceivedRequest): string => bodyOf(request).data.state as string;
export const timeOf = (request: ReceivedRequest): string =>
  bodyOf(request).hook.triggered_at as string;

/** What the requests of an order say, in short: the state of a verification by its name, or the completion. */
export const storyOf = (order: OrderView, requests: readonly ReceivedRequest[]): string[] =>
  requests.map((request) => {
    const { hook, data } = bodyOf(request);
    if (hook.event === completion) return completion;
    const { name } = order.verifications.find(({ id }) => id === data.verification_request_id)!;
    return `${name} ${data.state}`;
  });
