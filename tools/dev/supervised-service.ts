import { setTimeout as delay } from 'node:timers/promises';

import type { ServiceProcess } from './service-process.ts';

export interface SupervisedServiceOptions {
  service: Pick<ServiceProcess, 'name' | 'start' | 'gone' | 'stop' | 'ending' | 'pid'>;
  /** Receives the base URL of the service after every start. */
  onUrl: (url: string) => void;
  print: (line: string) => void;
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  now?: () => number;
}

const shortestPauseMs = 500;
const longestPauseMs = 30_000;
/** After a run of this length the pause is the shortest again. */
const longRunMs = 60_000;

/** A service that is started again when its process ends: after 0.5 s, and after twice the pause for each further end in a row. */
export class SupervisedService {
  private readonly stopping = new AbortController();
  private supervision: Promise<void> | undefined;

  constructor(private readonly options: SupervisedServiceOptions) {}

  /** @throws ServiceEnded if the first start fails: it is not repeated, because the cause (such as an invalid variable) stays */
  async start(): Promise<void> {
    await this.begin();
    this.supervision = this.supervise();
  }

  /** Resolves when the process has ended; it is not started again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.options.service.stop();
    await this.supervision;
  }

  private async begin(): Promise<void> {
    const { service, onUrl, print } = this.options;
    const url = await service.start();
    onUrl(url);
    print(`${service.name} runs at ${url} (process ${service.pid})`);
  }

  private async supervise(): Promise<void> {
    const { service, print, pause = pauseUnless, now = () => performance.now() } = this.options;
    const { signal } = this.stopping;
    let inARow = 0;
    for (;;) {
      const since = now();
      await service.gone();
      if (signal.aborted) return;
      if (now() - since > longRunMs) inARow = 0;
      const ms = Math.min(shortestPauseMs * 2 ** inARow++, longestPauseMs);
      print(`${service.name} ended (${service.ending}), and is started again in ${ms / 1000} s`);
      await pause(ms, signal);
      if (signal.aborted) return;
      // A process that ends before it has started has printed the reason, and counts like any other end.
      await this.begin().catch(() => undefined);
    }
  }
}

const pauseUnless = (ms: number, signal: AbortSignal) =>
  delay(ms, undefined, { signal }).catch(() => undefined);
