import type { Endpoint } from '@casewire/contracts';

import { endpoint, namedId } from '../events.ts';
import { MemoryLaneStore } from '../memory-lane-store/memory-lane-store.ts';
import type { GuaranteeChecker } from './guarantee-checker.ts';
import { Instance } from './instance.ts';
import type { EndpointPlan, Fault, Plan } from './plan.ts';
import type { SimulationContext } from './simulation-context.ts';

const restartsAfterMs = 2000;
const retentionMs = 30 * 86_400_000;

type Planned =
  | { at: number; endpoint: EndpointPlan; index: number }
  | { at: number; event: Plan['events'][number] }
  | ({ at: number } & Fault);

/** Executes a plan: registers endpoints, publishes events and injects the faults. */
export class FaultyEnvironment {
  private readonly planned: Planned[];
  private readonly instances: Instance[];
  /** The instance that is assigned the partition. */
  private reader = 0;
  private started = 2;
  /** A lane may be blocked again after a recovery, by an attempt whose result was lost. */
  private recoveries = 5;
  /** Executes the changes of the registry and the decisions of a person. */
  private readonly store: MemoryLaneStore;

  constructor(
    private readonly context: SimulationContext,
    private readonly checker: GuaranteeChecker,
  ) {
    const { plan, tables } = context;
    this.store = new MemoryLaneStore(tables);
    this.instances = ['a', 'b'].map((name) => new Instance(context, name));
    this.planned = [
      ...plan.endpoints.map((one, index) => ({ at: one.at, endpoint: one, index })),
      ...plan.events.map((event) => ({ at: event.at, event })),
      ...plan.faults,
    ].toSorted((a, b) => a.at - b.at);
  }

  start(): void {
    for (const instance of this.instances) instance.start();
  }

  /** Executes everything that is planned up to this step. */
  runPlanned(step: number): void {
    while (this.planned[0] && this.planned[0].at <= step) this.execute(this.planned.shift()!);
    this.consume();
  }

  /** Continues when all instances wait. @returns whether there was something left to do */
  continueWhenIdle(): boolean {
    const next = this.planned.shift();
    if (next) this.execute(next);
    else if (this.isAllSettled || this.recoveries-- === 0) return false;
    else this.recover();
    return true;
  }

  stop(): void {
    const { tables, counts } = this.context;
    for (const { state } of tables.deliveries.values()) if (state !== 'pending') counts.add(state);
    for (const instance of this.instances) instance.crash();
  }

  private execute(planned: Planned): void {
    const { topic, registry, time, receiver } = this.context;
    if ('endpoint' in planned && 'index' in planned) {
      const registered = endpointOf(planned.endpoint, planned.index);
      receiver.follow(registered.url, planned.endpoint);
      registry.put(registered);
    } else if ('event' in planned) {
      topic.publish(planned.event, new Date(time.now()));
      this.checker.publishedAt.push(registry.offset);
    } else this.inject(planned);
  }

  private inject(fault: Fault): void {
    switch (fault.fault) {
      case 'crash':
        return this.crashInstance(fault.instance);
      case 'stop':
        return void this.stopInstance(fault.instance);
      case 'time passes':
        return this.context.time.advance(fault.ms);
      case 'call fails':
        return this.instances[fault.instance]!.fail(fault.step, 'before');
      case 'response is lost':
        return this.instances[fault.instance]!.fail(fault.step, 'after');
      case 'older records are redelivered':
        return void this.instances[fault.instance]!.ingestFrom(0);
      case 'rebalance':
        this.reader = fault.instance;
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

  private crashInstance(who: number): void {
    const crashing = this.instances[who]!;
    if (!crashing.isAlive) return;
    crashing.crash();
    this.reader = 1 - who;
    this.context.time.after(restartsAfterMs, 'replacement starts', () => this.replace(who));
  }

  private async stopInstance(who: number): Promise<void> {
    const stopping = this.instances[who]!;
    if (!stopping.isAlive) return;
    this.reader = 1 - who;
    await stopping.stop();
    // It may have crashed meanwhile.
    if (!stopping.isAlive) return;
    this.context.counts.add('stops');
    stopping.crash();
    this.replace(who);
  }

  private replace(who: number): void {
    this.instances[who] = new Instance(this.context, `${'ab'[who]}${++this.started}`);
    this.instances[who].start();
  }

  private consume(): void {
    const { topic } = this.context;
    const who = this.reader;
    const reader = this.instances[who]!;
    if (topic.isRead || !reader.isAlive) return;
    void reader.consume(() => this.reader === who);
  }

  private change(index: number, change: 'disable' | 'enable' | 'suspend' | 'resume' | 'delete') {
    const { registry, time } = this.context;
    const id = endpointIdOf(index);
    const known = registry.present.get(id);
    if (!known) return;
    // Webhook-delivery learns of the change later.
    const later = (apply: () => unknown) => time.atTurn(`${change} ${index}`, () => void apply());
    switch (change) {
      case 'suspend':
        return later(() => this.store.suspend(id, 'failing'));
      case 'resume':
        return later(() => this.store.resume(id));
      case 'delete':
        registry.remove(id);
        return later(() => this.store.deleteDestination(id));
      case 'enable':
      case 'disable': {
        const changed = {
          ...known,
          enabled: change === 'enable',
          revision: known.revision + 1,
        };
        registry.put(changed);
        return later(() => this.store.setDestination({ endpointId: id, ...changed }));
      }
    }
  }

  private get isAllSettled(): boolean {
    return [...this.context.tables.deliveries.values()].every(({ state }) => state !== 'pending');
  }

  /** Ends the faults: receivers accept everything, endpoints are enabled and blocked lanes are decided on. */
  private recover(): void {
    const { receiver, time, plan } = this.context;
    receiver.recover();
    if (plan.atTheEnd.expires) {
      time.advance(retentionMs + 1);
      this.expire(retentionMs);
    }
    for (const index of plan.endpoints.keys()) this.change(index, 'enable');
    this.decide(plan.atTheEnd.blocked);
  }

  private expire(retention: number): void {
    void this.store.expire(new Date(this.context.time.now() - retention));
  }

  private decide(decision: 'retry' | 'skip'): void {
    for (const lane of this.context.tables.lanes.values()) {
      if (!lane.blocked) continue;
      const { id } = lane.deliveries[lane.head - 1]!;
      if (decision === 'retry')
        this.checker.retried.set(id, (this.checker.retried.get(id) ?? 0) + 1);
      void this.store.unblock({ laneId: lane.id }, decision);
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
