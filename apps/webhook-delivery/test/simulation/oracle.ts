import { dialects, orderOf, type LanePosition } from '@casewire/webhooks';

import { faultsOf } from '../memory-lane-store/faults.ts';
import type { DeliveryRow } from '../memory-lane-store/memory-tables.ts';
import type { Received } from './receiver.ts';
import type { Surroundings } from './surroundings.ts';
import { eventIdOf } from './topic.ts';

/** Who looks at what the receiver got, and at what is on record, and says which guarantee was broken. */
export class Oracle {
  readonly violations: string[] = [];
  /** Where the registry was when each record was published. */
  readonly publishedAt: number[] = [];
  /** How often a person had a delivery tried anew. */
  readonly triedAnew = new Map<string, number>();
  /** What a receiver that checks the order keeps of each lane. */
  private readonly heads = new Map<string, LanePosition>();

  constructor(private readonly at: Pick<Surroundings, 'tables' | 'topic' | 'registry' | 'time'>) {}

  /** G3 and G6, at the moment at which a request comes to the receiver. */
  received({ url, eventId, verified }: Received, log: readonly Received[]): void {
    const { topic, time } = this.at;
    const delivery = this.deliveryOf(url, eventId);
    if (!delivery) {
      this.violations.push(`G2: ${eventId} came to ${url}, and is not on record`);
      return;
    }
    const place = this.placeOf(eventId);
    const { key } = topic.records[place]!;
    const sameLane = (id: string) => topic.records[this.placeOf(id)]!.key === key;
    for (let before = 0; before < place; before++)
      if (topic.records[before]!.key === key) this.settledBefore(url, before, place, log);
    const order = this.orderOf(`${url} ${key}`, verified);
    // What was canceled while it was under way waits for nobody, and nobody for it.
    if (isCanceled(delivery)) return;
    if (order !== 'next' && order !== 'repeat')
      this.violations.push(`G6: ${place} came to ${url}, and its receiver calls it ${order}`);
    const others = log.filter((one) => one.url === url && sameLane(one.eventId));
    if (others.some((one) => this.placeOf(one.eventId) > place))
      this.violations.push(`G3: ${place} came to ${url} after what follows it`);
    const isUnderWay = (one: Received) => !one.answered && time.now() < one.deadline;
    if (others.some((one) => isUnderWay(one) && !isCanceled(this.deliveryOf(url, one.eventId)!)))
      this.violations.push(`G3: ${place} came to ${url} while another of its lane was under way`);
  }

  /** How a receiver that checks the order sees it. */
  private orderOf(lane: string, verified: Received['verified']): string {
    if (!verified) return 'forged';
    const { kind } = orderOf(this.heads.get(lane), verified);
    if (kind === 'next')
      this.heads.set(lane, { number: verified.sequence!.number, id: verified.id });
    return kind;
  }

  private settledBefore(url: string, before: number, place: number, log: readonly Received[]) {
    const eventId = eventIdOf(before);
    if (!this.at.tables.events.has(eventId)) {
      this.violations.push(`G3: ${place} came to ${url}, and ${before} was not even taken in`);
      return;
    }
    const delivery = this.deliveryOf(url, eventId);
    if (!delivery) return;
    if (delivery.state === 'pending')
      this.violations.push(`G3: ${place} came to ${url}, and ${before} was still open`);
    if (delivery.state === 'delivered' && !log.some((one) => isOf(one, url, eventId) && one.took))
      this.violations.push(`G3: ${place} came to ${url}, and ${before} was never taken`);
  }

  /** G2 and G5, when nothing more happens. */
  atTheEnd(log: readonly Received[], { isAtRest }: { isAtRest: boolean }): void {
    const { tables, topic, registry } = this.at;
    if (!isAtRest) this.violations.push('G5: it does not come to rest');
    this.violations.push(...faultsOf(tables).map((fault) => `G5: ${fault}`));
    for (const [place] of topic.records.entries()) {
      const event = tables.events.get(eventIdOf(place));
      if (!event) {
        this.violations.push(`G5: ${place} was not taken in`);
        continue;
      }
      const offset = Number(event.registryOffset);
      if (offset < this.publishedAt[place]!)
        this.violations.push(
          `G5: ${place} was matched by an older registry than at its publishing`,
        );
      const expected = [...registry.at(offset).keys()].toSorted();
      const made = [...tables.deliveries.values()].filter(({ eventId }) => eventId === event.id);
      const found = made.map(({ lane }) => tables.destinationOf(lane).endpointId!).toSorted();
      if (JSON.stringify(found) !== JSON.stringify(expected))
        this.violations.push(
          `G2: ${place} was for ${expected.join()}, and went to ${found.join()}`,
        );
      for (const delivery of made) this.delivered(delivery, place, log);
    }
  }

  private delivered(delivery: DeliveryRow, place: number, log: readonly Received[]): void {
    const { tables, registry } = this.at;
    const { endpointId } = tables.destinationOf(delivery.lane);
    const endpoint = [...registry.everyOne()].find(({ id }) => id === endpointId)!;
    const requests = log.filter((one) => isOf(one, endpoint.url, delivery.eventId));
    const what = `${place} to ${endpoint.url}`;
    if (delivery.state === 'pending') this.violations.push(`G5: ${what} is still open`);
    if (delivery.state === 'delivered' && !requests.some(({ took }) => took))
      this.violations.push(`G5: ${what} is said to be delivered, and was never taken`);
    const dialect = dialects[endpoint.dialect];
    if (!dialect.attemptBody && new Set(requests.map(({ body }) => body)).size > 1)
      this.violations.push(`G2: ${what} came with other bytes than before`);
    const attempts = (endpoint.retry?.delaySeconds ?? dialect.schedule.delays).length + 1;
    const most = attempts * (1 + (this.triedAnew.get(delivery.id) ?? 0));
    if (requests.length > most)
      this.violations.push(`TI-24: ${what} came ${requests.length} times, of ${most}`);
  }

  private deliveryOf(url: string, eventId: string): DeliveryRow | undefined {
    const { tables, registry } = this.at;
    const { id } = [...registry.everyOne()].find((endpoint) => endpoint.url === url)!;
    return [...tables.deliveries.values()].find(
      (one) => one.eventId === eventId && tables.destinationOf(one.lane).endpointId === id,
    );
  }

  private placeOf(eventId: string): number {
    return Number(this.at.tables.events.get(eventId)!.offset);
  }
}

const isOf = (one: Received, url: string, eventId: string): boolean =>
  one.url === url && one.eventId === eventId;

const isCanceled = ({ state }: DeliveryRow): boolean => state === 'canceled' || state === 'expired';
