import { dialects, orderOf, type LanePosition } from '@casewire/webhooks';

import { faultsOf } from '../memory-lane-store/faults.ts';
import type { DeliveryRow } from '../memory-lane-store/memory-tables.ts';
import type { Received } from './receiver.ts';
import type { SimulationContext } from './simulation-context.ts';
import { eventIdOf } from './topic.ts';

/** Compares the requests at the receiver with the stored deliveries, and reports each guarantee that is broken. */
export class GuaranteeChecker {
  readonly violations: string[] = [];
  /** The registry's offset when each record was published. */
  readonly publishedAt: number[] = [];
  /** How often each blocked delivery was retried by decision. */
  readonly retried = new Map<string, number>();
  /** The state that a receiver keeps of each lane to check its order. */
  private readonly heads = new Map<string, LanePosition>();

  constructor(
    private readonly context: Pick<SimulationContext, 'tables' | 'topic' | 'registry' | 'time'>,
  ) {}

  /** Checks G3 and G6 when a request reaches the receiver. */
  received({ url, eventId, verified }: Received, log: readonly Received[]): void {
    const { topic, time } = this.context;
    const delivery = this.deliveryOf(url, eventId);
    if (!delivery) {
      this.violations.push(`G2: ${eventId} reached ${url}, and is not stored`);
      return;
    }
    const place = this.placeOf(eventId);
    const { key } = topic.records[place]!;
    const sameLane = (id: string) => topic.records[this.placeOf(id)]!.key === key;
    for (let before = 0; before < place; before++)
      if (topic.records[before]!.key === key) this.checkSettledBefore(url, before, place, log);
    const order = this.orderOf(`${url} ${key}`, verified);
    // A delivery that was canceled in flight has no order any more.
    if (isCanceled(delivery)) return;
    if (order !== 'next' && order !== 'repeat')
      this.violations.push(`G6: ${place} reached ${url}, and its receiver reports ${order}`);
    const others = log.filter((one) => one.url === url && sameLane(one.eventId));
    if (others.some((one) => this.placeOf(one.eventId) > place))
      this.violations.push(`G3: ${place} reached ${url} after an event that follows it`);
    const isInFlight = (one: Received) => !one.answered && time.now() < one.deadline;
    if (others.some((one) => isInFlight(one) && !isCanceled(this.deliveryOf(url, one.eventId)!)))
      this.violations.push(
        `G3: ${place} reached ${url} while another request of its lane was in flight`,
      );
  }

  /** The result of a receiver that checks the order. */
  private orderOf(lane: string, verified: Received['verified']): string {
    if (!verified) return 'forged';
    const { kind } = orderOf(this.heads.get(lane), verified);
    if (kind === 'next')
      this.heads.set(lane, { number: verified.sequence!.number, id: verified.id });
    return kind;
  }

  private checkSettledBefore(url: string, before: number, place: number, log: readonly Received[]) {
    const eventId = eventIdOf(before);
    if (!this.context.tables.events.has(eventId)) {
      this.violations.push(`G3: ${place} reached ${url}, and ${before} was not ingested`);
      return;
    }
    const delivery = this.deliveryOf(url, eventId);
    if (!delivery) return;
    if (delivery.state === 'pending')
      this.violations.push(`G3: ${place} reached ${url}, and ${before} was still open`);
    if (
      delivery.state === 'delivered' &&
      !log.some((one) => isOf(one, url, eventId) && one.accepted)
    )
      this.violations.push(`G3: ${place} reached ${url}, and ${before} was never accepted`);
  }

  /** Checks G2 and G5 at the end of a schedule. */
  atTheEnd(log: readonly Received[], { isAtRest }: { isAtRest: boolean }): void {
    const { tables, topic, registry } = this.context;
    if (!isAtRest) this.violations.push('G5: the schedule does not end');
    this.violations.push(...faultsOf(tables).map((fault) => `G5: ${fault}`));
    for (const [place] of topic.records.entries()) {
      const event = tables.events.get(eventIdOf(place));
      if (!event) {
        this.violations.push(`G5: ${place} was not ingested`);
        continue;
      }
      const offset = Number(event.registryOffset);
      if (offset < this.publishedAt[place]!)
        this.violations.push(
          `G5: ${place} was matched with an older registry than the one at its publication`,
        );
      const expected = [...registry.at(offset).keys()].toSorted();
      const stored = [...tables.deliveries.values()].filter(({ eventId }) => eventId === event.id);
      const found = stored.map(({ lane }) => tables.destinationOf(lane).endpointId!).toSorted();
      if (JSON.stringify(found) !== JSON.stringify(expected))
        this.violations.push(
          `G2: ${place} was matched to ${expected.join()}, and is delivered to ${found.join()}`,
        );
      for (const delivery of stored) this.checkDelivery(delivery, place, log);
    }
  }

  private checkDelivery(delivery: DeliveryRow, place: number, log: readonly Received[]): void {
    const { tables, registry } = this.context;
    const { endpointId } = tables.destinationOf(delivery.lane);
    const endpoint = [...registry.allEver()].find(({ id }) => id === endpointId)!;
    const requests = log.filter((one) => isOf(one, endpoint.url, delivery.eventId));
    const what = `${place} to ${endpoint.url}`;
    if (delivery.state === 'pending') this.violations.push(`G5: ${what} is still open`);
    if (delivery.state === 'delivered' && !requests.some(({ accepted }) => accepted))
      this.violations.push(`G5: ${what} is stored as delivered, and was never accepted`);
    const dialect = dialects[endpoint.dialect];
    if (!dialect.attemptBody && new Set(requests.map(({ body }) => body)).size > 1)
      this.violations.push(`G2: ${what} arrived with other bytes than before`);
    const attempts = (endpoint.retry?.delaySeconds ?? dialect.schedule.delays).length + 1;
    const allowed = attempts * (1 + (this.retried.get(delivery.id) ?? 0));
    if (requests.length > allowed)
      this.violations.push(
        `TI-24: ${what} arrived ${requests.length} times, allowed are ${allowed}`,
      );
  }

  private deliveryOf(url: string, eventId: string): DeliveryRow | undefined {
    const { tables, registry } = this.context;
    const { id } = [...registry.allEver()].find((endpoint) => endpoint.url === url)!;
    return [...tables.deliveries.values()].find(
      (one) => one.eventId === eventId && tables.destinationOf(one.lane).endpointId === id,
    );
  }

  private placeOf(eventId: string): number {
    return Number(this.context.tables.events.get(eventId)!.offset);
  }
}

const isOf = (one: Received, url: string, eventId: string): boolean =>
  one.url === url && one.eventId === eventId;

const isCanceled = ({ state }: DeliveryRow): boolean => state === 'canceled' || state === 'expired';
