import type { Endpoint } from '@casewire/contracts';
import type { Logger } from '@casewire/telemetry';

import { AttemptWriter } from '../../src/engine/dispatch/attempt-writer.ts';
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts';
import type { Answer, OutgoingRequest } from '../../src/engine/dispatch/sender.ts';
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
import type { Surroundings } from './surroundings.ts';
import { eventTypes } from './topic.ts';

const idleMs = 5000;
const silent: Logger = { info() {}, warn() {}, error() {} };
const catalog = new CatalogView(catalogOf(...eventTypes.map((name) => eventType({ name }))));
const neverAsked = () => {
  throw new Error('nothing is converted or sealed here');
};
const deliveries = new DeliveryBuilder(new VersionConverter(catalog, { convert: neverAsked }), {
  seal: neverAsked,
});
const databaseAway = () => Object.assign(new Error('no database'), { code: 'ECONNREFUSED' });

/** One process of the service: what is in production, over the simulated rest. When it dies, nothing of it goes on. */
export class Instance {
  readonly leaseHolder: string;
  private dead = false;
  private consuming = false;
  private readonly failing: { when: 'before' | 'after'; step: Step }[] = [];
  private readonly dispatcher: Dispatcher;
  private readonly inbox: EventIntake;
  /** What it knows of the registry. */
  private view: ReadonlyMap<string, Endpoint> = new Map();

  constructor(
    private readonly at: Surroundings,
    private readonly name: string,
  ) {
    this.leaseHolder = namedId('instance', name);
    const { time, plan, plant, tables, tally, random } = at;
    const points = {
      before: (step: string) => this.point('before', step),
      after: (step: string) => this.point('after', step),
    };
    const lanes = new (plant.store ?? SimulatedStore)(tables, points, tally);
    const monotonic = plant.monotonic ?? (() => time.now());
    const after = (label: string, idle: boolean) => (ms: number, then: () => void) =>
      time.after(ms, `${name} ${label}`, () => this.dead || then(), idle);
    this.dispatcher = new Dispatcher({
      leaseHolder: this.leaseHolder,
      slots: plan.slots,
      lanes,
      outcomes: new AttemptWriter(
        lanes,
        this.leaseHolder,
        silent,
        monotonic,
        after('writes', false),
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
      after: after('looks', true),
    });
    const references = {
      catalog,
      catchUp: () => this.catchUp(),
      endpointsOf: () => this.view.values(),
      organization: () => organization(),
      isMisplaced: () => false,
    };
    const sealer = { seal: neverAsked };
    const entries = new EntryBuilder(references, deliveries, sealer);
    this.inbox = new EventIntake(references, entries, this.dispatcher, silent);
  }

  start(): void {
    this.dispatcher.start();
  }

  /** Ends what is under way, and begins nothing more. */
  stop(): Promise<void> {
    return this.dispatcher.stop();
  }

  die(): void {
    if (this.dead) return;
    this.dead = true;
    const { tables, tally } = this.at;
    const lost = [...tables.lanes.values()].some(
      ({ leaseHolder }) => leaseHolder === this.leaseHolder,
    );
    if (lost) tally.add('crashes');
  }

  get lives(): boolean {
    return !this.dead;
  }

  /** The next call of that step fails: before it happens, or after it did. */
  fail(step: Step, when: 'before' | 'after'): void {
    this.failing.push({ step, when });
  }

  /** Takes in what the topic has, batch by batch, for as long as the partition is its own. */
  async consume(isMine: () => boolean): Promise<void> {
    if (this.consuming) return;
    this.consuming = true;
    while (isMine() && !this.at.topic.isRead) await this.takeIn(this.at.topic.committed);
    this.consuming = false;
  }

  /** Takes in a batch from an offset on, which it may have been late with. */
  async takeIn(offset: number): Promise<void> {
    const { topic, plan } = this.at;
    const records = topic.records.slice(offset, offset + plan.recordsAtOnce);
    if (records.length === 0) return;
    try {
      await this.inbox.ingest(records);
      topic.commit(records);
    } catch {
      await this.turn('waits for the database');
    }
  }

  private async point(when: 'before' | 'after', step: string): Promise<void> {
    // What was sent to the database before its sender died may be carried out all the same.
    await this.turn(`${when} ${step}`, when === 'before' ? 0.5 : 0);
    if (this.dead) return;
    const index = this.failing.findIndex((one) => one.when === when && one.step === step);
    if (index < 0) return;
    this.failing.splice(index, 1);
    this.at.tally.add(when === 'before' ? 'calls failed' : 'answers lost');
    throw databaseAway();
  }

  /** Goes on when it is its turn; a dead one only by chance, where there is one. */
  private turn(label: string, chanceOfTheDead = 0): Promise<void> {
    const { time, random } = this.at;
    return new Promise((go) => {
      time.atTurn(`${this.name} ${label}`, () => {
        if (!this.dead || random() < chanceOfTheDead) go();
      });
    });
  }

  private async catchUp(): Promise<bigint> {
    await this.turn('catches up');
    const { registry } = this.at;
    this.view = registry.present;
    return BigInt(registry.offset);
  }

  private send(request: OutgoingRequest): Promise<Answer> {
    return new Promise((hear) => {
      this.at.receiver.post(request, (answer) => {
        if (!this.dead) hear(answer);
      });
    });
  }

  private targetOf({ endpointId }: ClaimedHead): Target | undefined {
    const endpoint = this.at.registry.present.get(endpointId!);
    // Nothing is sent through it.
    const http = undefined as unknown as Target['http'];
    return endpoint && { url: endpoint.url, secrets: [secret], token: null, headers: {}, http };
  }

  private policyOf({ endpointId }: ClaimedHead): FailurePolicy {
    const endpoint = this.at.registry.present.get(endpointId!);
    return {
      delays: endpoint?.retry?.delaySeconds.map((seconds) => seconds * 1000) ?? null,
      onExhausted: endpoint?.onExhausted ?? 'skip',
    };
  }
}
