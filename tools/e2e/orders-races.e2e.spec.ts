import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';

import { OrderClient } from '@casewire/client';
import { pick, seeded } from '@casewire/samples';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { disagreements, isDelivered, unpublished } from './orders-and-cases.ts';
import { document, TestPlatform, type Listener, type Partner } from './test-platform.ts';

const started = new Date();
const seed = Date.now() % 1_000_000;
const random = seeded(seed);

let platform: TestPlatform;
let partner: Partner;
let orders: OrderClient;
let listener: Listener;
beforeAll(async () => {
  platform = await TestPlatform.start();
  partner = await platform.partner();
  orders = new OrderClient(platform.url, partner.key);
  listener = await partner.listen();
  await orders.createTemplate({
    id: 'invoice',
    title: 'An invoice',
    verifications: [{ name: 'invoice', method: 'documents', documentTypes: ['invoice'] }],
  });
});
afterAll(() => platform?.stop());

/** What closes a verification while a case is submitted for it. */
const closings = {
  'cancel the verification': (_: string, verificationId: string) =>
    orders.cancelVerification(verificationId),
  'cancel the order': (orderId: string) => orders.cancel(orderId),
  'delete the order': (orderId: string) => orders.remove(orderId),
};
type Closing = keyof typeof closings;

/** Delays in milliseconds: mostly about as long as a submission takes, sometimes until the case is completed. */
const pause = () => delay(random() * pick(random, [5, 40, 150, 1500]));

interface Round {
  closing: Closing;
  orderId: string;
  /** The code of the refusal of the case; null if it was accepted. */
  submitted: string | null;
  /** The code of the refusal of the closing; null if it was accepted. */
  closed: string | null;
}

/** The code of the problem that a request is refused with; null if it is accepted. @throws any other error */
async function refusalOf(request: Promise<unknown>): Promise<string | null> {
  try {
    await request;
    return null;
  } catch (error) {
    const { problem } = error as { problem?: { code: string } };
    if (!problem) throw error;
    return problem.code;
  }
}

async function race(closing: Closing): Promise<Round> {
  const { id: orderId, verifications } = await orders.create({ templateId: 'invoice' });
  const verificationId = verifications[0]!.id;
  const { name, bytes } = await document('invoice');
  const files = [{ name: name.replace('.pdf', '.verdict-verified.pdf'), bytes }];
  const submit = async () => {
    await pause();
    await partner.client.submit({ files, verificationId });
  };
  const close = async () => {
    await pause();
    await closings[closing](orderId, verificationId);
  };
  const [submitted, closed] = await Promise.all([refusalOf(submit()), refusalOf(close())]);
  return { closing, orderId, submitted, closed };
}

/** Runs the rounds, four at a time. */
async function races(count: number): Promise<Round[]> {
  const names = Object.keys(closings) as Closing[];
  const rounds: Round[] = [];
  let next = 0;
  const racer = async () => {
    while (next < count) rounds.push(await race(names[next++ % names.length]!));
  };
  await Promise.all([racer(), racer(), racer(), racer()]);
  return rounds;
}

/** What a receiver must get once for each order: by the name and the data of the event. */
function receivedOnce(): { twice: string[]; completions: Map<string, number> } {
  const bodies = new Map<string, string>();
  const ids = new Map<string, Set<string>>();
  const completions = new Map<string, number>();
  for (const { headers, body } of listener.receiver.requests) {
    const id = String(headers['webhook-id']);
    const text = body.toString();
    if (bodies.has(id)) continue;
    bodies.set(id, text);
    ids.set(text, (ids.get(text) ?? new Set()).add(id));
    const { eventName, payload } = JSON.parse(text) as {
      eventName: string;
      payload: { orderId: string };
    };
    if (eventName === 'order.completed')
      completions.set(payload.orderId, (completions.get(payload.orderId) ?? 0) + 1);
  }
  const twice = [...ids].filter(([, of]) => of.size > 1).map(([text]) => text);
  return { twice, completions };
}

test(`submissions that race with the cancellation or the deletion of their order leave orders and cases in agreement (${seed})`, async () => {
  const rounds = await races(30);
  const databaseUrl = (name: string) => platform.services.dependencies.databaseUrl(name);
  const state = async () => ({
    unpublished: [
      await unpublished(databaseUrl, 'casewire_orders'),
      await unpublished(databaseUrl, 'casewire_cases'),
    ],
    disagreements: await disagreements(databaseUrl),
    delivered: await isDelivered(databaseUrl, started),
    open: await openCases(databaseUrl('casewire_cases')),
  });
  const settled = { unpublished: [0, 0], disagreements: [], delivered: true, open: 0 };
  await expect.poll(state, { timeout: 60_000, interval: 300 }).toEqual(settled);

  for (const { closing, submitted, closed } of rounds) {
    const code = closing === 'delete the order' ? 'NOT_FOUND' : 'VERIFICATION_CLOSED';
    expect([null, code]).toContain(submitted);
    // What is completed already is not canceled.
    expect([null, 'TRANSITION_NOT_ALLOWED', 'ORDER_COMPLETED']).toContain(closed);
  }
  const { twice, completions } = receivedOnce();
  expect(twice).toEqual([]);
  const statusOf = (orderId: string) =>
    orders.order(orderId).then(
      ({ status }) => status as string,
      ({ status }) => `${status}`,
    );
  for (const { closing, orderId } of rounds) {
    const isDeleted = closing === 'delete the order';
    expect(isDeleted ? ['404'] : ['completed', 'canceled']).toContain(await statusOf(orderId));
    // The completion of a deleted order may have been published before its deletion.
    expect(isDeleted ? [undefined, 1] : [1]).toContain(completions.get(orderId));
  }
  // The delays let both sides win.
  const accepted = rounds.filter(({ submitted }) => submitted === null).length;
  expect(accepted).toBeGreaterThan(0);
  expect(accepted).toBeLessThan(rounds.length);
}, 150_000);

/** How many cases are neither completed, canceled nor deleted. */
async function openCases(url: string): Promise<number> {
  const pool = new Pool({ connectionString: url });
  try {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*)::int as count from case_view where status not in ('completed', 'canceled', 'deleted')`,
    );
    return rows[0]!.count;
  } finally {
    await pool.end();
  }
}
