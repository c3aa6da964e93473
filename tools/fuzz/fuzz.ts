import { setTimeout as delay } from 'node:timers/promises';

import type { Findings } from './findings.ts';
import { startFuzzEnvironment, type FuzzEnvironment } from './fuzz-environment.ts';
import { faultsOfLog } from './log-rules.ts';
import { leftBehind, resourcesOf, type Resources } from './resources.ts';
import { runSchemathesis } from './schemathesis.ts';
import { attempt, described, probe, trial, type Trial } from './sockets/socket-fuzzer.ts';

export interface FuzzOptions {
  seed: number;
  /** Of the whole run, from the start of the platform to its end. */
  seconds: number;
  /** Null: without schemathesis. */
  venv: string | null;
  sockets: boolean;
  /** For reports. */
  folder: string;
  say: (line: string) => void;
}

// The operator's last: it may change the organization with which the others work.
const apis = ['/partner/v1', '/registry/v1', '/catalog/v1', '/delivery/v1', '/admin/v1'];
const shareOfSockets = 0.35;
/** Connections that nobody uses are closed after ten seconds. */
const idleMs = 25_000;
/** For the wait until nothing is to do, and for the end. */
const reservedMs = 40_000;
/** What a platform takes to start at the most; with less time left, no further one is started. */
const startMs = 60_000;
/** Before it sends the first request. */
const schemathesisStartSeconds = 4;
const mostRestarts = 3;
/** The end of a process is seen a moment after the request that ended it. */
const requestsShown = 3;

/** One run of both parts against a platform of its own. */
export async function fuzz(options: FuzzOptions, findings: Findings): Promise<void> {
  const end = performance.now() + options.seconds * 1000 - reservedMs;
  const run = new Run(await startFuzzEnvironment(), options, findings, end);
  try {
    // First: it works with the organization as it is, which the routes of the operator may change.
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
    /** When the last request is to be sent, by `performance.now`. */
    private readonly end: number,
  ) {
    this.before = this.resources();
  }

  /** @param share of the time that is left */
  async sockets(share: number): Promise<void> {
    const { seed, say } = this.options;
    const until = performance.now() + share * (this.end - performance.now());
    let number = 0;
    let restarts = 0;
    let last: Trial[] = [];
    for (; performance.now() < until; number++) {
      const { target } = this.environment;
      const one = trial(seed, number, target);
      last = [one, ...last].slice(0, requestsShown);
      const facts = () => last.map(described).join('\nand before it\n');
      await attempt(one, target, this.findings);
      this.checkLog(facts);
      if (this.environment.platform.running && (await probe(number, target, this.findings)))
        continue;
      if (await this.recovers()) continue;
      this.findings.fail('the platform ended', `${facts()}\n${this.lastWords()}`);
      if (!(await this.renew()) || ++restarts >= mostRestarts) break;
    }
    say(`${number} requests over sockets (seed ${seed})`);
  }

  async schemathesis(venv: string): Promise<void> {
    const { seed, folder, say } = this.options;
    for (const [i, api] of apis.entries()) {
      const { platform, target, teamKey } = this.environment;
      const keys: Record<string, string> = {
        '/admin/v1': platform.operatorKey,
        '/catalog/v1': teamKey,
      };
      const key = keys[api] ?? target.key;
      const left = (this.end - performance.now()) / 1000;
      const share = Math.floor(left / (apis.length - i)) - schemathesisStartSeconds;
      if (!platform.running || share < 1) {
        this.findings.fail(`no time, or no platform, was left for ${api}`, '');
        continue;
      }
      const { receiver } = target;
      const run = { venv, folder, url: platform.url, api, key, seed, seconds: share, receiver };
      const requests = await runSchemathesis(run, this.findings);
      say(`${requests} requests of schemathesis to ${api} (seed ${seed})`);
      this.checkLog(`while schemathesis ran against ${api} with seed ${seed}`);
      if (platform.running) continue;
      this.findings.fail('the platform ended', `${api}\n${this.lastWords()}`);
      await this.renew();
    }
  }

  /** What is still there once nothing is to do any more. */
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

  checkLog(facts: string | (() => string)): void {
    const lines = this.environment.platform.lines.slice(this.read);
    this.read += lines.length;
    const faults = faultsOfLog(lines);
    this.findings.checks += lines.length;
    for (const { what, line } of faults)
      this.findings.fail(what, `${line}\n${typeof facts === 'string' ? facts : facts()}`);
  }

  private left(): string[] {
    return leftBehind(this.before, this.resources());
  }

  /** A process takes a moment to end, and a service that ended one to start again. */
  private async recovers(): Promise<boolean> {
    await delay(500);
    return this.environment.platform.running;
  }

  private lastWords(): string {
    return this.environment.platform.lines
      .filter((line) => !line.startsWith('{'))
      .slice(-15)
      .join('\n');
  }

  /** Another platform instead of one that ended, if there is time for it. */
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
