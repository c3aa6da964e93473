import type { Endpoint } from '@casewire/contracts';
import type { Logger } from '@casewire/telemetry';

import { AttemptWriter } from '../../src/engine/dispatch/attempt-writer.ts';
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts';
import type { SendResult, OutgoingRequest } from '../../src/engine/dispatch/sender.ts';
import { DeliveryBuilder } from '../../src/intake/delivery-builder.ts';
import { EntryBuilder } from '../../src/intake/entry-builder.ts';
import { EventIntake } from '../../src/intake/event-intake.ts';
import { VersionConverter } from '../../src/intake/version-converter.ts';
import type { FailurePolicy } from '../../src/model/failure-policy.ts';
import type { ClaimedHead } from '../../src/model/lane-store.ts';
import type { Target } from '../../src/model/target.ts';
import { CatalogView } from '../../src/registry/catalog-view.ts';
import { catalogOf, eventType, namedId, organization } from '../events.ts';
import type { Step } from './plan.ts';
import { secret } from './receiver.ts';
import { SimulatedStore } from './simulated-store.ts';
import type { SimulationContext } from './simulation-context.ts';
import { eventTypes } from './topic.ts';

const idleMs = 5000;
const silent: Logger = { info() {}, warn() {}, error() {} };
const catalog = new CatalogView(catalogOf(...eventTypes.map((name) => eventType({ name }))));
const unused = () => {
  throw new Error('the simulation converts and seals nothing');
};
const deliveries = new DeliveryBuilder(new VersionConverter(catalog, { convert: unused }), {
  seal: unused,
});
const databaseAway = () => Object.assign(new Error('no database'), { code: 'ECONNREFUSED' });

/** One process of the service: the production classes over simulated systems. After a crash nothing of it continues. */
export class Instance {
  readonly leaseHolder: string;
  private crashed = false;
  private consuming = false;
  private readonly failing: { when: 'before' | 'after'; step: Step }[] = [];
  private readonly dispatcher: Dispatcher;
  private readonly intake: EventIntake;
  /** Its view of the registry. */
  private view: ReadonlyMap<string, Endpoint> = new Map();

  constructor(
    private readonly context: SimulationContext,
    private readonly name: string,
  ) {
    this.leaseHolder = namedId('instance', name);
    const { time, plan, seededBug, tables, counts, random } = context;
    const points = {
      before: (step: string) => this.point('before', step),
      after: (step: string) => this.point('after', step),
    };
    const store = new (seededBug.store ?? SimulatedStore)(tables, points, counts);
    const monotonic = seededBug.monotonic ?? (() => time.now());
    const timer = (label: string, idle: boolean) => (ms: number, callback: () => void) =>
      time.after(ms, `${name} ${label}`, () => this.crashed || callback(), idle);
    this.dispatcher = new Dispatcher({
      leaseHolder: this.leaseHolder,
      slots: plan.slots,
      store,
      attemptWriter: new AttemptWriter(
        store,
        this.leaseHolder,
        silent,
        monotonic,
        timer('writes', false),
      ),
      targetOf: (head) => this.targetOf(head),
      policyOf: (head) => this.policyOf(head),
      send: (request) => this.send(request),
      now: () => new Date(time.now()),
      monotonic,
      random,
      timeFactor: 1,
      logger: silent,
      idleMs,
      timer: timer('checks', true),
    });
    const references = {
      catalog,
      catchUp: () => this.catchUp(),
      endpointsOf: () => this.view.values(),
      organization: () => organization(),
      isMisplaced: () => false,
    };
    const sealer = { seal: unused };
    const entries = new EntryBuilder(references, deliveries, sealer);
    this.intake = new EventIntake(references, entries, this.dispatcher, silent);
  }

  start(): void {
    this.dispatcher.start();
  }

  /** Finishes the attempts in flight and starts nothing more. */
  stop(): Promise<void> {
    return this.dispatcher.stop();
  }

  crash(): void {
    if (this.crashed) return;
    this.crashed = true;
    const { tables, counts } = this.context;
    const heldLeases = [...tables.lanes.values()].some(
      ({ leaseHolder }) => leaseHolder === this.leaseHolder,
    );
    if (heldLeases) counts.add('crashes');
  }

  get isAlive(): boolean {
    return !this.crashed;
  }

  /** Makes the next call of this step fail, before or after its effect. */
  fail(step: Step, when: 'before' | 'after'): void {
    this.failing.push({ step, when });
  }

  /** Ingests the topic's records, batch by batch, while the partition is assigned to it. */
  async consume(isAssigned: () => boolean): Promise<void> {
    if (this.consuming) return;
    this.consuming = true;
    while (isAssigned() && !this.context.topic.isRead)
      await this.ingestFrom(this.context.topic.committed);
    this.consuming = false;
  }

  /** Ingests one batch from an offset on, which may be an old one. */
  async ingestFrom(offset: number): Promise<void> {
    const { topic, plan } = this.context;
    const records = topic.records.slice(offset, offset + plan.recordsAtOnce);
    if (records.length === 0) return;
    try {
      await this.intake.ingest(records);
      topic.commit(records);
    } catch {
      await this.turn('waits for the database');
    }
  }

  private async point(when: 'before' | 'after', step: string): Promise<void> {
    // A statement that was sent before the crash may still be executed.
    await this.turn(`${when} ${step}`, when === 'before' ? 0.5 : 0);
    if (this.crashed) return;
    const index = this.failing.findIndex((one) => one.when === when && one.step === step);
    if (index < 0) return;
    this.failing.splice(index, 1);
    this.context.counts.add(when === 'before' ? 'calls failed' : 'responses lost');
    throw databaseAway();
  }

  /** Resolves at this instance's turn; after a crash only with the given probability. */
  private turn(label: string, chanceAfterCrash = 0): Promise<void> {
    const { time, random } = this.context;
    return new Promise((go) => {
      time.atTurn(`${this.name} ${label}`, () => {
        if (!this.crashed || random() < chanceAfterCrash) go();
      });
    });
  }

  private async catchUp(): Promise<bigint> {
    await this.turn('catches up');
    const { registry } = this.context;
    this.view = registry.present;
    return BigInt(registry.offset);
  }

  private send(request: OutgoingRequest): Promise<SendResult> {
    return new Promise((respond) => {
      this.context.receiver.post(request, (result) => {
        if (!this.crashed) respond(result);
      });
    });
  }

  private targetOf({ endpointId }: ClaimedHead): Target | undefined {
    const endpoint = this.context.registry.present.get(endpointId!);
    // No request goes through it.
    const http = undefined as unknown as Target['http'];
    return endpoint && { url: endpoint.url, secrets: [secret], token: null, headers: {}, http };
  }

  private policyOf({ endpointId }: ClaimedHead): FailurePolicy {
    const endpoint = this.context.registry.present.get(endpointId!);
    return {
      delays: endpoint?.retry?.delaySeconds.map((seconds) => seconds * 1000) ?? null,
      onExhausted: endpoint?.onExhausted ?? 'skip',
    };
  }
}
