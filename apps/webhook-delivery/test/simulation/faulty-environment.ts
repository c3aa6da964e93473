import type { Endpoint } from '@casewire/contracts';

import { endpoint, namedId } from '../events.ts';
import { MemoryLaneStore } from '../memory-lane-store/memory-lane-store.ts';
import { Instance } from './instance.ts';
import type { Oracle } from './oracle.ts';
import type { EndpointPlan, Fault, Plan } from './plan.ts';
import type { Surroundings } from './surroundings.ts';

const restartsAfterMs = 2000;
const retentionMs = 30 * 86_400_000;

type Planned =
  | { at: number; endpoint: EndpointPlan; index: number }
  | { at: number; event: Plan['events'][number] }
  | ({ at: number } & Fault);

/** Has happen what is planned: events, endpoints that come and go, and everything that goes wrong. */
export class FaultyWorld {
  private readonly planned: Planned[];
  private readonly instances: Instance[];
  /** Whose the partition is. */
  private reader = 0;
  private lives = 2;
  /** What was healed may be blocked once more, by an attempt whose outcome was lost. */
  private healings = 5;
  /** What a person, or the view on the registry, tells the lanes. */
  private readonly lanes: MemoryLaneStore;

  constructor(
    private readonly at: Surroundings,
    private readonly oracle: Oracle,
  ) {
    const { plan, tables } = at;
    this.lanes = new MemoryLaneStore(tables);
    this.instances = ['a', 'b'].map((name) => new Instance(at, name));
    this.planned = [
      ...plan.endpoints.map((one, index) => ({ at: one.at, endpoint: one, index })),
      ...plan.events.map((event) => ({ at: event.at, event })),
      ...plan.faults,
    ].toSorted((a, b) => a.at - b.at);
  }

  begin(): void {
    for (const instance of this.instances) instance.start();
  }

  /** What is planned until this step happens now. */
  happenings(step: number): void {
    while (this.planned[0] && this.planned[0].at <= step) this.happen(this.planned.shift()!);
    this.consume();
  }

  /** When everything waits for something else: @returns whether something more happens */
  goesOn(): boolean {
    const next = this.planned.shift();
    if (next) this.happen(next);
    else if (this.isAllSettled || this.healings-- === 0) return false;
    else this.heal();
    return true;
  }

  end(): void {
    const { tables, tally } = this.at;
    for (const { state } of tables.deliveries.values()) if (state !== 'pending') tally.add(state);
    for (const instance of this.instances) instance.die();
  }

  private happen(planned: Planned): void {
    const { topic, registry, time, receiver } = this.at;
    if ('endpoint' in planned && 'index' in planned) {
      const made = endpointOf(planned.endpoint, planned.index);
      receiver.follow(made.url, planned.endpoint);
      registry.put(made);
    } else if ('event' in planned) {
      topic.publish(planned.event, new Date(time.now()));
      this.oracle.publishedAt.push(registry.offset);
    } else this.goWrong(planned);
  }

  private goWrong(fault: Fault): void {
    switch (fault.fault) {
      case 'crash':
        return this.crash(fault.who);
      case 'stop':
        return void this.stop(fault.who);
      case 'time passes':
        return this.at.time.advance(fault.ms);
      case 'call fails':
        return this.instances[fault.who]!.fail(fault.step, 'before');
      case 'answer is lost':
        return this.instances[fault.who]!.fail(fault.step, 'after');
      case 'older records again':
        return void this.instances[fault.who]!.takeIn(0);
      case 'rebalance':
        this.reader = fault.who;
        return undefined;
      case 'disable':
      case 'enable':
      case 'suspend':
      case 'resume':
      case 'delete':
        return this.change(fault.endpoint, fault.fault);
      case 'expire':
        return this.expire(0);
      case 'decide':
        return this.decide(fault.decision);
    }
  }

  private crash(who: number): void {
    const dying = this.instances[who]!;
    if (!dying.lives) return;
    dying.die();
    this.reader = 1 - who;
    this.at.time.after(restartsAfterMs, 'another one starts', () => this.replace(who));
  }

  private async stop(who: number): Promise<void> {
    const stopping = this.instances[who]!;
    if (!stopping.lives) return;
    this.reader = 1 - who;
    await stopping.stop();
    // It may have died on the way.
    if (!stopping.lives) return;
    this.at.tally.add('stops');
    stopping.die();
    this.replace(who);
  }

  private replace(who: number): void {
    this.instances[who] = new Instance(this.at, `${'ab'[who]}${++this.lives}`);
    this.instances[who].start();
  }

  private consume(): void {
    const { topic } = this.at;
    const who = this.reader;
    const reader = this.instances[who]!;
    if (topic.isRead || !reader.lives) return;
    void reader.consume(() => this.reader === who);
  }

  private change(index: number, change: 'disable' | 'enable' | 'suspend' | 'resume' | 'delete') {
    const { registry, time } = this.at;
    const id = endpointIdOf(index);
    const known = registry.present.get(id);
    if (!known) return;
    // What delivery is told it hears later.
    const tell = (what: () => unknown) => time.atTurn(`${change} ${index}`, () => void what());
    switch (change) {
      case 'suspend':
        return tell(() => this.lanes.suspend(id, 'failing'));
      case 'resume':
        return tell(() => this.lanes.resume(id));
      case 'delete':
        registry.remove(id);
        return tell(() => this.lanes.deleteDestination(id));
      case 'enable':
      case 'disable': {
        const changed = {
          ...known,
          enabled: change === 'enable',
          revision: known.revision + 1,
        };
        registry.put(changed);
        return tell(() => this.lanes.setDestination({ endpointId: id, ...changed }));
      }
    }
  }

  private get isAllSettled(): boolean {
    return [...this.at.tables.deliveries.values()].every(({ state }) => state !== 'pending');
  }

  /** Faults are over: receivers take everything, and what waits for somebody is seen to. */
  private heal(): void {
    const { receiver, time, plan } = this.at;
    receiver.recover();
    if (plan.inTheEnd.expires) {
      time.advance(retentionMs + 1);
      this.expire(retentionMs);
    }
    for (const index of plan.endpoints.keys()) this.change(index, 'enable');
    this.decide(plan.inTheEnd.blocked);
  }

  private expire(retention: number): void {
    void this.lanes.expire(new Date(this.at.time.now() - retention));
  }

  private decide(decision: 'retry' | 'skip'): void {
    for (const lane of this.at.tables.lanes.values()) {
      if (!lane.blocked) continue;
      const { id } = lane.deliveries[lane.head - 1]!;
      if (decision === 'retry')
        this.oracle.triedAnew.set(id, (this.oracle.triedAnew.get(id) ?? 0) + 1);
      void this.lanes.unblock({ laneId: lane.id }, decision);
    }
  }
}

const endpointIdOf = (index: number): string => namedId('endpoint', index);

function endpointOf(plan: EndpointPlan, index: number): Endpoint {
  const { dialect, delays, onExhausted, maxInFlight, enabled } = plan;
  return endpoint({
    id: endpointIdOf(index),
    url: `https://receiver.test/${index}`,
    dialect,
    retry: delays && { delaySeconds: delays },
    onExhausted,
    maxInFlight,
    enabled,
  });
}
