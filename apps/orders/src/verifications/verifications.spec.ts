import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import type { OrderView, VerificationState } from '@casewire/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { StartedOrderApi } from '../../test/started-order-api.ts';

let api: StartedOrderApi;
beforeAll(async () => (api = await StartedOrderApi.start()));
afterAll(() => api.stop());

const information = { data: { employer: 'Acme', since: 2019, permanent: true } };
const first = ({ verifications }: OrderView) => verifications[0]!.id;

async function orderedBy(templateId: string, key = api.key()) {
  const { body } = await api.send('POST orders', { key, body: { templateId } });
  const order = body as unknown as OrderView;
  return { order, id: first(order), key };
}

/** A template whose verification another key must approve. */
async function withSecondApprover() {
  const id = `second-${randomUUID()}`;
  const verification = {
    name: 'income',
    method: 'documents' as const,
    documentTypes: ['payslip' as const],
    approval: 'another' as const,
  };
  await api.client().createTemplate({ id, title: 'Two', verifications: [verification] });
  return orderedBy(id);
}

/** A verification in a state. */
async function verificationIn(state: VerificationState) {
  const isPending = state === 'pending-approval';
  const { order, id } = await orderedBy(isPending ? 'casewire.income-outreach' : 'casewire.income');
  if (state === 'canceled') await api.client().cancelVerification(id);
  if (state === 'action-required') await api.fail(order.id, id);
  if (state === 'completed' || state === 'invalid') {
    const caseId = await api.succeed(order.id, id);
    if (state === 'invalid') await api.record(order.id, caseId, { type: 'erased' });
  }
  expect(await api.client().verification(id)).toMatchObject({ state });
  return id;
}

const send = (id: string, action: string, options: { key?: string; headers?: object } = {}) =>
  api.send(`POST verifications/${id}/${action}`, {
    ...(action === 'information' && { body: information }),
    ...options,
  });

const states = [
  'pending-approval',
  'processing',
  'action-required',
  'completed',
  'invalid',
  'canceled',
] as const;
type Action = 'approve' | 'refuse' | 'information' | 'cancel';

/** The states in which each action is allowed, its name in `allowed`, and the state that it leads to. */
const actions: Record<Action, { name: string; in: VerificationState[]; leadsTo: string }> = {
  approve: { name: 'approve', in: ['pending-approval'], leadsTo: 'processing' },
  refuse: { name: 'refuse', in: ['pending-approval'], leadsTo: 'canceled' },
  information: { name: 'give_information', in: ['action-required'], leadsTo: 'processing' },
  cancel: {
    name: 'cancel',
    in: ['pending-approval', 'processing', 'action-required', 'invalid'],
    leadsTo: 'canceled',
  },
};
const pairs = states.flatMap((state) =>
  (Object.keys(actions) as Action[]).map((action) => [action, state] as const),
);
const isAllowed = ([action, state]: (typeof pairs)[number]) => actions[action].in.includes(state);
const isRepetition = ([action, state]: (typeof pairs)[number]) =>
  action === 'cancel' && state === 'canceled';

test.each(pairs.filter(isAllowed))(
  'to %s is allowed for a verification that is %s',
  async (action, state) => {
    const { name, leadsTo } = actions[action];
    const id = await verificationIn(state);
    expect((await api.client().verification(id)).allowed).toContain(name);
    expect(await send(id, action)).toMatchObject({ status: 200, body: { id, state: leadsTo } });
  },
);

test.each(pairs.filter((pair) => !isAllowed(pair) && !isRepetition(pair)))(
  'to %s is refused for a verification that is %s, and the refusal says what is allowed',
  async (action, state) => {
    const id = await verificationIn(state);
    const before = await api.client().verification(id);
    expect(before.allowed).not.toContain(actions[action].name);
    const allowed = before.allowed.join(', ') || 'nothing';
    expect(await send(id, action)).toMatchObject({
      status: 409,
      body: {
        code: 'TRANSITION_NOT_ALLOWED',
        detail: `the verification is ${state}; allowed now: ${allowed}`,
      },
    });
    expect(await api.client().verification(id)).toEqual(before);
  },
);

test('a canceled verification that is canceled again stays as it is', async () => {
  const id = await verificationIn('canceled');
  const before = await api.client().verification(id);
  expect(await send(id, 'cancel')).toMatchObject({ status: 200, body: before });
});

test('information is shown with who gave it and when, and lets the verification go on', async () => {
  const id = await verificationIn('action-required');
  const given = await api.client().giveInformation(id, information.data);
  expect(given).toMatchObject({
    state: 'processing',
    reason: 'INFORMATION_GIVEN',
    information: [{ data: information.data, givenBy: { name: 'Back office' } }],
  });
  expect(await api.client().verification(id)).toEqual(given);
});

test('a key without the scope orders:approve neither approves nor refuses', async () => {
  const id = await verificationIn('pending-approval');
  const key = api.key({ scopes: ['orders:read', 'orders:write'] });
  for (const action of ['approve', 'refuse'])
    expect(await send(id, action, { key })).toMatchObject({
      status: 403,
      body: { code: 'SCOPE_MISSING' },
    });
});

test('where another key must approve, the key that created the order does not', async () => {
  const { id, key } = await withSecondApprover();
  for (const action of ['approve', 'refuse'])
    expect(await send(id, action, { key })).toMatchObject({
      status: 403,
      body: { code: 'APPROVER_NOT_ALLOWED' },
    });
  expect(await send(id, 'approve')).toMatchObject({ status: 200, body: { state: 'processing' } });
});

test('of two approvals at the same time one counts', async () => {
  const id = await verificationIn('pending-approval');
  const answers = await Promise.all(['approve', 'approve'].map((action) => send(id, action)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  expect(await api.client().verification(id)).toMatchObject({ state: 'processing' });
});

test('of an approval and a refusal at the same time one counts', async () => {
  const id = await verificationIn('pending-approval');
  const answers = await Promise.all(['approve', 'refuse'].map((action) => send(id, action)));
  const winner = answers.find(({ status }) => status === 200)!;
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(1);
  expect(await api.client().verification(id)).toMatchObject({ state: winner.body.state });
});

test('a cancellation and information at the same time end canceled, with the information or without it', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await verificationIn('action-required');
    const [canceled, given] = await Promise.all([send(id, 'cancel'), send(id, 'information')]);
    expect(canceled.status).toBe(200);
    expect([200, 409]).toContain(given.status);
    const { state, information: kept } = await api.client().verification(id);
    expect(state).toBe('canceled');
    expect(kept).toHaveLength(given.status === 200 ? 1 : 0);
  }
});

test('a request with the same Idempotency-Key acts once', async () => {
  const id = await verificationIn('action-required');
  const headers = { 'idempotency-key': 'information-once' };
  const answers = await Promise.all(
    ['information', 'information', 'information'].map((action) => send(id, action, { headers })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await api.client().verification(id)).information).toHaveLength(1);
  const approval = { headers: { 'idempotency-key': 'approve-once' } };
  const pending = await verificationIn('pending-approval');
  const approved = await send(pending, 'approve', approval);
  expect(await send(pending, 'approve', approval)).toEqual(approved);
});

test('a verification of another tenant does not exist', async () => {
  const id = await verificationIn('action-required');
  const keys = [api.key({ organizationId: randomUUID() }), api.key({ environment: 'production' })];
  for (const key of keys) {
    expect(await api.send(`GET verifications/${id}`, { key })).toMatchObject({ status: 404 });
    for (const action of Object.keys(actions))
      expect(await send(id, action, { key })).toMatchObject({
        status: 404,
        body: { code: 'NOT_FOUND' },
      });
  }
  expect(await api.client().verification(id)).toMatchObject({ state: 'action-required' });
});
