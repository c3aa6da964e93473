import { OrderClient, ReviewClient } from '@casewire/client';
import type { CaseView, CreateTemplate, OrderView, VerificationView } from '@casewire/contracts';
import type { SampleKind } from '@casewire/samples';
import type { ReceivedRequest } from '@casewire/testing';
import { expect, vi } from 'vitest';
import type { z } from 'zod';

import type { Listener, Partner, RunningPlatform, TestPlatform } from '../test-platform.ts';
import { bodyOf, expectOneLane, headerOf, sample } from './received.ts';

/** A partner that orders the verifications of templates of its own. */
export interface Orderer extends Partner {
  orders: OrderClient;
  reviews: ReviewClient;
}

/** What templates verify, by their ids. */
export type Templates = Readonly<Record<string, z.input<typeof CreateTemplate>['verifications']>>;

/** A new partner with templates of its own. */
export async function orderer(
  platform: TestPlatform<RunningPlatform>,
  templates: Templates,
): Promise<Orderer> {
  const partner = await platform.partner();
  const orders = new OrderClient(platform.url, partner.key);
  for (const [id, verifications] of Object.entries(templates))
    await orders.createTemplate({ id, title: id, verifications });
  return { ...partner, orders, reviews: new ReviewClient(platform.url, partner.key) };
}

/** The verification of an order that has this name. */
export const named = ({ verifications }: OrderView, name: string): VerificationView =>
  verifications.find((one) => one.name === name)!;

/** Submits a case with one document for a verification, with the features that every verification requires. */
export async function submitFor(
  { client }: Pick<Orderer, 'client'>,
  { id: verificationId }: Pick<VerificationView, 'id'>,
  kind: SampleKind,
  { steered = '', externalId }: { steered?: string; externalId?: string } = {},
): Promise<CaseView> {
  return client.submit({
    files: [await sample(kind, { steered })],
    features: ['extraction', 'forensics'],
    verificationId,
    ...(externalId !== undefined && { externalId }),
  });
}

/** An event that arrived, and what the receiver read over the API before it answered. */
export interface Arrival {
  request: ReceivedRequest;
  /** Null for an event that does not name its order. */
  order: OrderView | null;
}

/** The id of the order that a request is about, in the dialects of Truework, Truv and Casewire. */
const orderIdOf = (request: ReceivedRequest): string | undefined => {
  const { data, payload, order_id: orderId } = bodyOf(request);
  return data?.order_id ?? payload?.orderId ?? orderId;
};

/** An integration that reads the order when it receives an event of it, and answers afterwards. */
export class Integration {
  readonly arrivals: Arrival[] = [];

  /** @param react what the integration does in addition, before it answers */
  constructor(
    readonly listener: Listener,
    orders: OrderClient,
    react: (arrival: Arrival) => Promise<void> = async () => {},
  ) {
    listener.receiver.respond = async (request, response) => {
      const orderId = orderIdOf(request);
      const arrival = {
        request,
        order: orderId === undefined ? null : await orders.order(orderId),
      };
      await react(arrival);
      this.arrivals.push(arrival);
      response.writeHead(200).end();
    };
  }

  /** The events that meet a condition, in the order of their arrival. */
  of(condition: (body: Record<string, any>) => boolean): Arrival[] {
    return this.arrivals.filter(({ request }) => condition(bodyOf(request)));
  }

  /** Resolves to the events that meet a condition once this number of them has been answered. */
  async until(condition: (body: Record<string, any>) => boolean, count = 1): Promise<Arrival[]> {
    await this.listener.receiver.until(() => this.of(condition).length >= count);
    return this.of(condition);
  }
}

/** The requests about an order, in the order of their arrival. */
export const ofOrder = (
  requests: readonly ReceivedRequest[],
  { id }: Pick<OrderView, 'id'>,
): ReceivedRequest[] => requests.filter((request) => orderIdOf(request) === id);

/**
 * Resolves to the requests of an endpoint once this number of them has arrived and none is under way. Each event was sent once, with
 * the first attempt.
 */
export async function arrivedOnce(
  { client, receiver, endpoint }: Listener,
  count: number,
): Promise<readonly ReceivedRequest[]> {
  await receiver.until((requests) => requests.length >= count);
  const deliveries = async () => {
    const { items, next } = await client.deliveries({ endpointId: endpoint.id, limit: 100 });
    expect(next).toBeNull();
    return items.map(({ state, attempts }) => [state, attempts]);
  };
  const eachOnce = Array.from({ length: count }, () => ['delivered', 1]);
  await vi.waitFor(async () => expect(await deliveries()).toEqual(eachOnce), {
    timeout: 30_000,
    interval: 50,
  });
  const ids = receiver.requests.map((request) => headerOf(request, 'webhook-id'));
  expect(ids).toHaveLength(count);
  expect(new Set(ids).size).toBe(count);
  return receiver.requests;
}

/** The data of each event in Casewire's own dialect, by the id of the event, which is the same at every endpoint. */
export const payloadsById = (
  requests: readonly ReceivedRequest[],
): ReadonlyMap<string, Record<string, any>> =>
  new Map(
    requests.map((request) => [headerOf(request, 'webhook-id'), bodyOf(request).payload as object]),
  );

/** Checks that events are the first ones of one lane, without a gap, and that each is later than the one before. */
export function expectOneOrder(
  requests: readonly ReceivedRequest[],
  timeOf: (request: ReceivedRequest) => string,
): void {
  expectOneLane(requests);
  const times = requests.map((request) => Date.parse(timeOf(request)));
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
}
