import { setTimeout as delay } from 'node:timers/promises';

import type { Endpoint } from '@casewire/contracts';

import type { OutgoingRequest, SendResult } from '../src/engine/dispatch/sender.ts';
import type { EventOver } from './events.ts';

const failureRate = 0.05;
/** The outage begins this long after the start. */
const outageAfterMs = 100;

export interface PublishedEvent extends EventOver {
  id: string;
  key: string;
  partition: number;
  n: number;
}

/** The endpoints: they keep their requests in order, and whether they accepted them. */
export class Receivers {
  accepted = 0;
  /** The most concurrent requests at one endpoint. */
  most = 0;
  private readonly inFlight = new Map<string, number>();
  private readonly began = performance.now();
  private readonly seen: { lane: string; sequence: number; id: string; accepted: boolean }[] = [];
  private readonly early: string[] = [];
  private readonly acceptedUpTo = new Map<string, number>();

  constructor(
    private readonly random: () => number,
    private readonly slowMs: number,
    private readonly outageMs: number,
  ) {}

  async receive(request: OutgoingRequest): Promise<SendResult> {
    const { url } = request;
    const now = (this.inFlight.get(url) ?? 0) + 1;
    this.inFlight.set(url, now);
    this.most = Math.max(this.most, now);
    const result = await this.respond(request);
    this.inFlight.set(url, this.inFlight.get(url)! - 1);
    return result;
  }

  private async respond({ url, headers, body }: OutgoingRequest): Promise<SendResult> {
    const key = (JSON.parse(body.toString()) as { payload: { key: string } }).payload.key;
    const lane = `${url} ${key}`;
    const sequence = Number(headers['webhook-sequence']);
    if (sequence > (this.acceptedUpTo.get(lane) ?? 0) + 1)
      this.early.push(`${sequence} was sent before its predecessor was accepted`);
    await delay(this.random() * this.slowMs);
    const outageTime = performance.now() - this.began - outageAfterMs;
    const isOutage = outageTime > 0 && outageTime < this.outageMs;
    const accepted = !isOutage && this.random() >= failureRate;
    this.seen.push({ lane, sequence, id: `${url} ${headers['webhook-id']}`, accepted });
    if (accepted) {
      this.accepted++;
      this.acceptedUpTo.set(lane, Math.max(sequence, this.acceptedUpTo.get(lane) ?? 0));
    }
    return { status: accepted ? 200 : isOutage ? 503 : 500, headers: {}, body: null, error: null };
  }

  /** @returns a description of each guarantee that the requests violate */
  faults(events: PublishedEvent[], endpoints: Endpoint[], mayRepeat: boolean): string[] {
    const first = new Map<string, { lane: string; sequence: number }>();
    let repeated = 0;
    for (const { id, lane, sequence, accepted } of this.seen) {
      if (!accepted) continue;
      if (first.has(id)) repeated++;
      else first.set(id, { lane, sequence });
    }
    const lost = events.length * endpoints.length - first.size;
    const disordered = [...Map.groupBy(first.values(), ({ lane }) => lane)].filter(([, places]) =>
      places.some(({ sequence }, i) => sequence !== i + 1),
    );
    const overtaken = endpoints.flatMap(({ id: url }) =>
      [...Map.groupBy(events, ({ partition, key }) => `${partition} ${key}`).values()].filter(
        (of) => {
          const places = of.map(({ id }) => first.get(`${url} ${id}`)?.sequence ?? 0);
          return places.some((place, i) => i > 0 && place <= places[i - 1]!);
        },
      ),
    );
    return [
      ...(lost === 0 ? [] : [`${lost} were never accepted`]),
      ...(repeated === 0 || mayRepeat ? [] : [`${repeated} were accepted more than once`]),
      ...(disordered.length === 0 ? [] : [`${disordered.length} lanes were out of order`]),
      ...(overtaken.length === 0
        ? []
        : [`${overtaken.length} keys are not in the order of their records`]),
      ...new Set(this.early),
    ];
  }

  get count(): number {
    return this.seen.length;
  }
}
