import { verify, type Verified } from '@casewire/webhooks';

import type { SendResult, OutgoingRequest } from '../../src/engine/dispatch/sender.ts';
import type { EventCounts } from './event-counts.ts';
import { Exchange, failure } from './exchange.ts';
import type { EndpointPlan, Reaction } from './plan.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A request that reached the receiver. */
export interface Received {
  url: string;
  eventId: string;
  body: string;
  /** The result of the library that receivers use; null if it rejects the request. */
  verified: Verified | null;
  /** Until then the sender waits for a response, unless it has received one. */
  deadline: number;
  answered: boolean;
  accepted: boolean;
}

export const secret = Buffer.alloc(32, 7);

const response = (status: number, headers: Record<string, string> = {}): SendResult => ({
  status,
  headers,
  body: Buffer.from(`${status}`),
  error: null,
});

/**
 * All endpoints. A request in flight arrives even if its sender has crashed. After its deadline neither the request nor its
 * response arrives.
 */
export class Receiver {
  readonly log: Received[] = [];
  private readonly scripts = new Map<string, Reaction[]>();

  constructor(
    private readonly time: VirtualTime,
    private readonly counts: EventCounts,
    private readonly onReceived: (received: Received) => void,
  ) {}

  follow(url: string, { reactions }: EndpointPlan): void {
    this.scripts.set(url, [...reactions]);
  }

  /** Accepts every request from now on. */
  recover(): void {
    this.scripts.clear();
  }

  /** @param respond receives the result, once */
  post(request: OutgoingRequest, respond: (result: SendResult) => void): void {
    const onTimeout = () => this.counts.add('timeouts');
    const exchange = new Exchange(this.time, request.timeoutMs, respond, onTimeout);
    this.time.atTurn('request arrives', () => {
      if (!exchange.isOpen) return;
      const reaction = this.scripts.get(request.url)?.shift() ?? 'accepts';
      if (reaction === 'is unreachable')
        exchange.settle(failure('ECONNREFUSED: connection refused'));
      else this.react(reaction, this.received(request, exchange), exchange);
    });
  }

  private received({ url, headers, body }: OutgoingRequest, { deadline }: Exchange): Received {
    const eventId = headers['webhook-id']!;
    const verified = this.verified(body, headers);
    const request = { url, eventId, body: body.toString(), verified };
    const received = { ...request, deadline, answered: false, accepted: false };
    this.onReceived(received);
    this.counts.add('requests');
    if (this.log.some((one) => one.url === url && one.eventId === eventId && one.accepted))
      this.counts.add('repeated after 2xx');
    this.log.push(received);
    return received;
  }

  private verified(body: Buffer, headers: OutgoingRequest['headers']): Verified | null {
    const now = () => new Date(this.time.now());
    try {
      return verify(body, headers, secret, { now, requireSequence: true });
    } catch {
      return null;
    }
  }

  private react(reaction: Reaction, received: Received, exchange: Exchange): void {
    const send = (result: SendResult) => {
      received.answered = true;
      received.accepted = result.status !== null && result.status < 300;
      this.time.atTurn('response arrives', () => {
        if (exchange.isOpen) exchange.settle(result);
      });
    };
    switch (reaction) {
      case 'accepts':
        return send(response(200));
      case 'accepts after 12 s':
        this.time.after(12_000, 'receiver has accepted', () => {
          if (exchange.isOpen) send(response(204));
        });
        return undefined;
      case 'fails':
        return send(response(500));
      case 'is busy':
        return send(response(503, { 'retry-after': '20' }));
      case 'is gone':
        return send(response(410));
      case 'accepts and disconnects':
        return send(failure('ECONNRESET: the connection broke'));
      case 'hangs':
      case 'is unreachable':
        return undefined;
    }
  }
}
