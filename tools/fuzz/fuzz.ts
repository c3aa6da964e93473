import { setTimeout as delay } from 'node:timers/promises';

import { fuzzCommands } from './commands/command-fuzzer.ts';
import { fuzzEvents } from './events/event-fuzzer.ts';
import type { Findings } from './findings.ts';
import { startFuzzEnvironment, type FuzzEnvironment } from './fuzz-environment.ts';
import { faultsOfLog } from './log-rules.ts';
import { operationExamples, type OperationExample } from './operation-examples.ts';
import { orderExamples } from './order-examples.ts';
import { leftBehind, resourcesOf, type Resources } from './resources.ts';
import { runSchemathesis } from './schemathesis.ts';
import { attempt, described, probe, trial, type Trial } from './sockets/socket-fuzzer.ts';

export interface FuzzOptions {
  seed: number;
  /** Length of the whole run, from the start of the platform to its end. */
  seconds: number;
  /** Null: without schemathesis. */
  venv: string | null;
  sockets: boolean;
  /** Records on the topic of commands. */
  commands: boolean;
  /** Records on the topic of events. */
  events: boolean;
  /** The folder of reports. */
  folder: string;
  print: (line: string) => void;
}

// The operator's API is the last one: it may change the organization that the others use.
const apis = [
  '/partner/v1',
  '/orders/v1',
  '/registry/v1',
  '/catalog/v1',
  '/delivery/v1',
  '/admin/v1',
];
/** Every operation of these two must accept a request, and the partner API has the most operations. */
const weights: Record<string, number> = { '/partner/v1': 2.5, '/orders/v1': 2 };
const weightOf = (api: string) => weights[api] ?? 1;
const shareOfSockets = 0.3;
const recordsOfCommands = 400;
const recordsOfEvents = 600;
/** Idle connections are closed after ten seconds. */
const idleMs = 25_000;
/** Time for the wait until the platform is idle, and for its end. */
const reservedMs = 40_000;
/** The longest start of a platform; with less time left, no other platform is started. */
const startMs = 60_000;
/** The time until schemathesis sends its first request. */
const schemathesisStartSeconds = 4;
const mostRestarts = 3;
/** The end of a process is noticed some requests after the one that caused it. */
const requestsShown = 3;

/** Runs both parts against a new platform. */
export async function fuzz(options: FuzzOptions, findings: Findings): Promise<void> {
  const end = performance.now() + options.seconds * 1000 - reservedMs;
  const run = new Run(await startFuzzEnvironment(), options, findings, end);
  try {
    if (options.commands) await run.commands();
    if (options.events) await run.events();
    // Sockets before schemathesis: they need the organization unchanged, and the operator's API may change it.
    if (options.sockets) await run.sockets(options.venv ? shareOfSockets : 1);
    if (options.venv) await run.schemathesis(options.venv);
    await run.checkLeftovers();
  } finally {
    await run.environment.stop();
    run.checkLog('while it stopped');
  }
}

class Run {
  private read = 0;
  private before: Resources;

  constructor(
    public environment: FuzzEnvironment,
    private readonly options: FuzzOptions,
    private readonly findings: Findings,
    /** The time of the last request, by `performance.now`. */
    private readonly end: number,
  ) {
    this.before = this.resources();
  }

  async commands(): Promise<void> {
    const { seed, print } = this.options;
    const { platform, cases, organizationId } = this.environment;
    const { brokers } = platform;
    const target = {
      organizationId,
      completed: cases.completed.id,
      canceled: cases.canceled.id,
    };
    const records = await fuzzCommands(
      { brokers, seed, records: recordsOfCommands, target },
      this.findings,
    );
    print(`${records} records on the topic of commands (seed ${seed})`);
    await this.checkPlatform(`while records were sent to the topic of commands with seed ${seed}`);
  }

  async events(): Promise<void> {
    const { seed, print } = this.options;
    const { platform, target, orders, organizationId, file } = this.environment;
    const { brokers, url } = platform;
    const records = await fuzzEvents(
      {
        brokers,
        url,
        key: target.key,
        seed,
        records: recordsOfEvents,
        organizationId,
        orders: [orders.completed, orders.actionRequired],
        document: file,
      },
      this.findings,
    );
    print(`${records} records on the topic of events (seed ${seed})`);
    await this.checkPlatform(`while records were sent to the topic of events with seed ${seed}`);
  }

  /** @param share of the time that is left */
  async sockets(share: number): Promise<void> {
    const { seed, print } = this.options;
    const until = performance.now() + share * (this.end - performance.now());
    let number = 0;
    let restarts = 0;
    let last: Trial[] = [];
    for (; performance.now() < until; number++) {
      const { target } = this.environment;
      const one = trial(seed, number, target);
      last = [one, ...last].slice(0, requestsShown);
      const details = () => last.map(described).join('\nand before it\n');
      await attempt(one, target, this.findings);
      this.checkLog(details);
      if (this.environment.platform.running && (await probe(number, target, this.findings)))
        continue;
      if (await this.recovers()) continue;
      this.findings.fail('the platform ended', `${details()}\n${this.lastLines()}`);
      if (!(await this.renew()) || ++restarts >= mostRestarts) break;
    }
    print(`${number} requests over sockets (seed ${seed})`);
  }

  async schemathesis(venv: string): Promise<void> {
    const { seed, folder, print } = this.options;
    for (const [i, api] of apis.entries()) {
      const examples = await this.newExamples(api);
      const { platform, target, teamKey } = this.environment;
      const keys: Record<string, string> = {
        '/admin/v1': platform.operatorKey,
        '/catalog/v1': teamKey,
      };
      const key = keys[api] ?? target.key;
      const left = (this.end - performance.now()) / 1000;
      const others = apis.slice(i).reduce((sum, one) => sum + weightOf(one), 0);
      const share = Math.floor((left * weightOf(api)) / others) - schemathesisStartSeconds;
      if (!platform.running || share < 1) {
        this.findings.fail(`no time, or no platform, was left for ${api}`, '');
        continue;
      }
      const { receiver } = target;
      const { url } = platform;
      const run = { venv, folder, url, api, key, seed, seconds: share, receiver, examples };
      const requests = await runSchemathesis(run, this.findings);
      print(`${requests} requests of schemathesis to ${api} (seed ${seed})`);
      this.checkLog(`while schemathesis ran against ${api} with seed ${seed}`);
      if (platform.running) continue;
      this.findings.fail('the platform ended', `${api}\n${this.lastLines()}`);
      await this.renew();
    }
  }

  /** Requests that are still accepted: those to the cases and orders before were sent over sockets. */
  private async newExamples(api: string): Promise<OperationExample[]> {
    try {
      if (api === '/partner/v1') return operationExamples(await this.environment.newCases());
      return api === '/orders/v1' ? orderExamples(await this.environment.newOrders()) : [];
    } catch (error) {
      this.findings.fail('a case or an order does not reach its state any more', String(error));
      return [];
    }
  }

  /** Checks for files and descriptors that are left when the platform is idle. */
  async checkLeftovers(): Promise<void> {
    if (!this.environment.platform.running) return;
    const until = performance.now() + idleMs;
    let left = this.left();
    while (left.length > 0 && performance.now() < until) {
      await delay(1_000);
      left = this.left();
    }
    this.findings.check(left.length === 0, 'something was left behind', () => left.join('\n'));
  }

  checkLog(details: string | (() => string)): void {
    const lines = this.environment.platform.lines.slice(this.read);
    this.read += lines.length;
    const faults = faultsOfLog(lines);
    this.findings.checks += lines.length;
    for (const { what, line } of faults)
      this.findings.fail(what, `${line}\n${typeof details === 'string' ? details : details()}`);
  }

  private async checkPlatform(details: string): Promise<void> {
    this.checkLog(details);
    if (this.environment.platform.running) return;
    this.findings.fail('the platform ended', this.lastLines());
    await this.renew();
  }

  private left(): string[] {
    return leftBehind(this.before, this.resources());
  }

  /** Whether the platform still runs after half a second: a process may just be ending, or a service starting again. */
  private async recovers(): Promise<boolean> {
    await delay(500);
    return this.environment.platform.running;
  }

  private lastLines(): string {
    return this.environment.platform.lines
      .filter((line) => !line.startsWith('{'))
      .slice(-15)
      .join('\n');
  }

  /** Starts a platform in place of one that ended, if there is enough time. */
  private async renew(): Promise<boolean> {
    if (this.end - performance.now() < startMs) return false;
    await this.environment.stop();
    this.environment = await startFuzzEnvironment();
    this.read = 0;
    this.before = this.resources();
    return true;
  }

  private resources(): Resources {
    const { pid, directory } = this.environment.platform;
    return resourcesOf(pid, directory);
  }
}
