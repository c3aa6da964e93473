import { setTimeout as delay } from 'node:timers/promises';

import { OrderClient, PartnerClient, type SubmittedFile } from '@casewire/client';
import type { OrderView } from '@casewire/contracts';
import { EventLog } from '@casewire/event-log';

import type { Findings } from '../findings.ts';
import { eventTrial, type EventTarget } from './event-trial.ts';

export interface EventRun {
  brokers: string;
  url: string;
  key: string;
  seed: number;
  /** How many records are sent. */
  records: number;
  organizationId: string;
  /** Orders with a case that was submitted for their first verification. */
  orders: readonly OrderView[];
  document: SubmittedFile;
}

/** Time until a new case is a task of its order. */
const patienceMs = 30_000;
const pollMs = 200;
const batch = 50;

/**
 * Sends events of other tenants about orders to the topic of events, and checks that the orders are as before, and that cases and
 * orders still consume the topic: a new case for each verification becomes a task.
 * @returns the number of records
 */
export async function fuzzEvents(run: EventRun, findings: Findings): Promise<number> {
  const log = new EventLog({ brokers: [run.brokers], clientId: 'fuzz' });
  const orders = new OrderClient(run.url, run.key);
  try {
    const trials = Array.from({ length: run.records }, (_, number) =>
      eventTrial(run.seed, number, targetOf(run, number)),
    );
    for (let at = 0; at < trials.length; at += batch)
      await log.send(trials.slice(at, at + batch).map(({ record }) => record));
    for (const before of run.orders) {
      const fault = await faultOf(run, orders, before);
      findings.check(
        fault === null,
        'events of another tenant stopped a service, or changed an order',
        () => `seed ${run.seed}: ${fault}`,
      );
    }
    return trials.length;
  } finally {
    await log.close();
  }
}

function targetOf({ orders, organizationId }: EventRun, number: number): EventTarget {
  const order = orders[number % orders.length]!;
  const [verification] = order.verifications;
  return {
    organizationId,
    orderId: order.id,
    verificationId: verification!.id,
    caseId: verification!.tasks[0]!.caseId,
  };
}

/** The new case is published in the same partitions as the records before: when it is a task, they were consumed. */
async function faultOf(
  { url, key, document }: EventRun,
  orders: OrderClient,
  before: OrderView,
): Promise<string | null> {
  const [verification] = before.verifications;
  try {
    const { id } = await new PartnerClient(url, key).submit({
      files: [document],
      features: ['extraction', 'forensics'],
      verificationId: verification!.id,
    });
    const after = await untilTask(orders, before.id, id);
    if (after === null) return `the case ${id} did not become a task of the order ${before.id}`;
    const tasks = new Set(before.verifications[0]!.tasks.map(({ caseId }) => caseId).concat(id));
    const others = after.verifications[0]!.tasks.filter(({ caseId }) => !tasks.has(caseId));
    if (others.length > 0) return `cases of other tenants are tasks: ${JSON.stringify(others)}`;
    const kept = after.verifications[0]!.tasks.filter(({ caseId }) => caseId !== id);
    const changed = JSON.stringify(kept) !== JSON.stringify(verification!.tasks);
    return changed ? `its tasks were changed to ${JSON.stringify(kept)}` : null;
  } catch (error) {
    return `a case for the verification ${verification!.id} was refused: ${String(error)}`;
  }
}

async function untilTask(
  orders: OrderClient,
  orderId: string,
  caseId: string,
): Promise<OrderView | null> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const order = await orders.order(orderId);
    if (order.verifications[0]!.tasks.some((task) => task.caseId === caseId)) return order;
    await delay(pollMs);
  }
  return null;
}
