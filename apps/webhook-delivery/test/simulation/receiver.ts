import { verify, type Verified } from '@casewire/webhooks';

import type { Answer, OutgoingRequest } from '../../src/engine/dispatch/sender.ts';
import { Exchange, failure } from './exchange.ts';
import type { EndpointPlan, Reaction } from './plan.ts';
import type { Tally } from './tally.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A request as the receiver got it. */
export interface Received {
  url: string;
  eventId: string;
  body: string;
  /** What receivers' own library says of it; null where it refuses it. */
  verified: Verified | null;
  /** Until then its sender waits for an answer, unless it has had one. */
  deadline: number;
  answered: boolean;
  took: boolean;
}

export const secret = Buffer.alloc(32, 7);

const answer = (status: number, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: Buffer.from(`${status}`),
  error: null,
});

/**
 * All endpoints. A request that is under way arrives even when its sender has died; it does not arrive, and is not
 * answered, behind its deadline.
 */
export class Receiver {
  readonly log: Received[] = [];
  private readonly scripts = new Map<string, Reaction[]>();

  constructor(
    private readonly time: VirtualTime,
    private readonly tally: Tally,
    private readonly onReceived: (received: Received) => void,
  ) {}

  follow(url: string, { reactions }: EndpointPlan): void {
    this.scripts.set(url, [...reactions]);
  }

  /** From now on everything is taken. */
  recover(): void {
    this.scripts.clear();
  }

  /** @param hear what its sender hears, if it still lives */
  post(request: OutgoingRequest, hear: (answer: Answer) => void): void {
    const onTimeout = () => this.tally.add('timeouts');
    const exchange = new Exchange(this.time, request.timeoutMs, hear, onTimeout);
    this.time.atTurn('request arrives', () => {
      if (!exchange.isOpen) return;
      const reaction = this.scripts.get(request.url)?.shift() ?? 'takes it';
      if (reaction === 'is not reached') exchange.end(failure('ECONNREFUSED: nobody is there'));
      else this.react(reaction, this.received(request, exchange), exchange);
    });
  }

  private received({ url, headers, body }: OutgoingRequest, { deadline }: Exchange): Received {
    const eventId = headers['webhook-id']!;
    const verified = this.verified(body, headers);
    const asSent = { url, eventId, body: body.toString(), verified };
    const received = { ...asSent, deadline, answered: false, took: false };
    this.onReceived(received);
    this.tally.add('requests');
    if (this.log.some((one) => one.url === url && one.eventId === eventId && one.took))
      this.tally.add('repeated after 2xx');
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
    const say = (said: Answer) => {
      received.answered = true;
      received.took = said.status !== null && said.status < 300;
      this.time.atTurn('answer arrives', () => {
        if (exchange.isOpen) exchange.end(said);
      });
    };
    switch (reaction) {
      case 'takes it':
        return say(answer(200));
      case 'takes it after 12 s':
        this.time.after(12_000, 'receiver is done', () => {
          if (exchange.isOpen) say(answer(204));
        });
        return undefined;
      case 'fails':
        return say(answer(500));
      case 'is busy':
        return say(answer(503, { 'retry-after': '20' }));
      case 'is gone':
        return say(answer(410));
      case 'takes it and dies':
        return say(failure('ECONNRESET: the connection broke'));
      case 'hangs':
      case 'is not reached':
        return undefined;
    }
  }
}
