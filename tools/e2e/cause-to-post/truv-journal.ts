import type { OrderView, TaskView } from '@casewire/contracts';
import type { ReceivedRequest } from '@casewire/testing';
import { expect } from 'vitest';

import type { Listener } from '../test-platform.ts';
import { arrivedOnce, expectOneOrder, Integration, payloadsById, type Orderer } from './orders.ts';
import { headerOf } from './received.ts';
import { created, expectTruv, nameOf, timeOf, type TruvEvent } from './truv-request.ts';

type EventOf = (order: OrderView, task: TaskView, status: string) => TruvEvent;

/** An event of an order or of its task, with its status. */
export type Step = readonly [event: EventOf, status: string];

/** An event that a cause is expected to lead to. */
interface Expected {
  orderId: string;
  event: EventOf;
  caseId: string | null;
  status: string;
}

/** The causes of one test, one after the other, with the events that Truv's and Casewire's endpoint receive for each of them. */
export class Journal {
  private readonly expected: Expected[] = [];

  private constructor(
    readonly partner: Orderer,
    readonly truv: Integration,
    readonly casewire: Listener,
  ) {}

  static async of(partner: Orderer): Promise<Journal> {
    const truv = await partner.listen({ dialect: 'truv' });
    const eventTypes = [
      'order.created',
      'order.status_updated',
      'order.refresh_failed',
      'task.status_updated',
    ];
    const casewire = await partner.listen({ eventTypes });
    return new Journal(partner, new Integration(truv, partner.orders), casewire);
  }

  /** Creates an order. */
  async create(order: Parameters<Orderer['orders']['create']>[0]): Promise<OrderView> {
    const view = await this.partner.orders.create(order);
    await this.expect(view, null, [created, 'pending']);
    return view;
  }

  /** Resolves when these events about a case of an order were received. */
  async expect(
    { id: orderId }: Pick<OrderView, 'id'>,
    caseId: string | null,
    ...events: Step[]
  ): Promise<void> {
    for (const [event, status] of events) this.expected.push({ orderId, event, caseId, status });
    await this.truv.until(() => true, this.expected.length);
  }

  /** Resolves once each expected event was received once, at both endpoints, and nothing else. */
  async end(): Promise<void> {
    await arrivedOnce(this.truv.listener, this.expected.length);
    await arrivedOnce(this.casewire, this.expected.length);
  }

  get requests(): readonly ReceivedRequest[] {
    return this.truv.listener.receiver.requests;
  }

  /** The events of an order, in the order of their arrival. */
  requestsOf({ id }: Pick<OrderView, 'id'>): ReceivedRequest[] {
    return this.requests.filter((_, i) => this.expected[i]!.orderId === id);
  }

  /** The data of an event in Casewire's own dialect. */
  payloadOf(request: ReceivedRequest): Record<string, any> {
    return payloadsById(this.casewire.receiver.requests).get(headerOf(request, 'webhook-id'))!;
  }

  /**
   * Checks that the events of an order are one lane, in the expected order, and that those with this name have every field and their
   * signatures.
   * @returns those with this name
   */
  async check({ id }: Pick<OrderView, 'id'>, name: string): Promise<ReceivedRequest[]> {
    const order = await this.partner.orders.order(id);
    const tasks = order.verifications.flatMap((verification) => verification.tasks);
    const requests = this.requestsOf(order);
    const expected = this.expected.filter(({ orderId }) => orderId === id);
    expectOneOrder(requests, timeOf);
    const events = expected.map(({ event, caseId, status }) =>
      event(
        order,
        tasks.find((one) => one.caseId === caseId)!,
        status,
      ),
    );
    expectNames(requests, events);
    return requests.filter((request, i) => {
      if (nameOf(request) !== name) return false;
      const { occurredAt } = this.payloadOf(request);
      expectTruv(request, this.truv.listener, events[i]!, occurredAt as string);
      return true;
    });
  }
}

const expectNames = (requests: readonly ReceivedRequest[], events: readonly TruvEvent[]): void =>
  expect(requests.map(nameOf)).toEqual(events.map(({ name }) => name));
