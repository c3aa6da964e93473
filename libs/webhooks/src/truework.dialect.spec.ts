import { VerificationState } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { endpointId, requestOf, token, url } from '../test/golden/golden-request.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import { encodeBody } from './request.ts';
import { delayAfter } from './retry-schedule.ts';
import { truework } from './truework.dialect.ts';

interface Body {
  version: string;
  hook: Record<string, unknown>;
  data: Record<string, unknown>;
}
const completed = sampleEvents.get('order.completed')!;
const stateChanged = sampleEvents.get('verification.state_changed')!;
const bodyOf = (event = completed, attempt: 1 | 2 = 1) =>
  JSON.parse(requestOf(truework, event, attempt).body.toString()) as Body;

test('part of TW-2: a completed order is sent as order.completed', () => {
  expect(truework.nameOf(completed)).toBe('order.completed');
  expect(bodyOf().hook.event).toBe('order.completed');
});

test('part of TW-3: a change of a verification is sent as verification_request.state.change', () => {
  expect(truework.nameOf(stateChanged)).toBe('verification_request.state.change');
  expect(bodyOf(stateChanged).hook.event).toBe('verification_request.state.change');
  expect([...truework.eventNames!]).toEqual([
    ['order.completed', ['order.completed']],
    ['verification_request.state.change', ['verification.state_changed']],
  ]);
});

test('TW-12 a failed delivery is retried every two hours, the last time after 48 hours', () => {
  const waits = truework.schedule.delays.map((_, i) => delayAfter(truework.schedule, i + 1, 0.99));
  expect(waits).toHaveLength(24);
  expect(new Set(waits)).toEqual(new Set([7_200_000]));
  expect(delayAfter(truework.schedule, 25, 0)).toBeNull();
});

test('TW-20 a retry has the same id and body', () => {
  const [first, second] = [requestOf(truework, completed, 1), requestOf(truework, completed, 2)];
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect(second.body.equals(first.body)).toBe(true);
});

test('TW-21 every request has X-Truework-Token', () => {
  for (const event of [completed, stateChanged, sampleEvents.get('endpoint.ping')!]) {
    expect(requestOf(truework, event, 1).headers['x-truework-token']).toBe(token);
    expect(requestOf(truework, event, 2).headers['x-truework-token']).toBe(token);
  }
});

test('a request to a callback URL has no token and no hook id', () => {
  expect(truework.body(completed, { endpointId: null })).toMatchObject({ hook: { id: null } });
  const attempt = { url } as Parameters<NonNullable<typeof truework.attemptHeaders>>[1];
  expect(truework.attemptHeaders!(Buffer.from(''), attempt, { secrets: [], token: null })).toEqual(
    {},
  );
});

test('TW-29 every body has version at the top level', () => {
  for (const event of [completed, stateChanged, sampleEvents.get('endpoint.ping')!]) {
    expect(bodyOf(event).version).toBe('2023-10-30');
  }
});

test('TW-L1 the body is version, hook {id, event, target, triggered_at} and data', () => {
  expect(requestOf(truework, completed, 1).body.toString()).toBe(
    JSON.stringify({
      version: '2023-10-30',
      hook: {
        id: endpointId,
        event: 'order.completed',
        target: url,
        triggered_at: '2026-02-04T14:08:00.000Z',
      },
      data: { order_id: completed.data.orderId, metadata: { test_key: 'test_value' } },
    }),
  );
});

test('TW-L1 hook.target is the URL of the request, also after the URL changed between two attempts', () => {
  const pinned = encodeBody(truework, completed, { endpointId });
  const attempt = { url: 'https://moved.example/' } as Parameters<
    NonNullable<typeof truework.attemptBody>
  >[1];
  const { hook } = JSON.parse(truework.attemptBody!(pinned, attempt).toString()) as Body;
  expect(hook.target).toBe('https://moved.example/');
});

test.each(VerificationState.options)('TW-L1 the state %s is sent unchanged', (state) => {
  expect(bodyOf({ ...stateChanged, data: { ...stateChanged.data, state } }).data).toEqual({
    order_id: stateChanged.data.orderId,
    state,
    verification_request_id: stateChanged.data.verificationId,
    metadata: { test_key: 'test_value' },
  });
});

test('events of other systems have no name', () => {
  expect(truework.nameOf(sampleEvents.get('case.completed')!)).toBeNull();
});
