import { setTimeout as delay } from 'node:timers/promises';

import type { ServiceProcess } from './service-process.ts';

export interface SupervisedServiceOptions {
  service: Pick<ServiceProcess, 'name' | 'start' | 'gone' | 'stop' | 'ending' | 'pid'>;
  /** Where it takes requests: after the first start, and after every other. */
  onUrl: (url: string) => void;
  say: (line: string) => void;
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  now?: () => number;
}

const shortestPauseMs = 500;
const longestPauseMs = 30_000;
/** After a life of this length a death is the first one again. */
const longLifeMs = 60_000;

/** A service that is started again when it dies: at once almost, and the later the more often it dies in a row. */
export class SupervisedService {
  private readonly stopping = new AbortController();
  private supervision: Promise<void> | undefined;

  constructor(private readonly options: SupervisedServiceOptions) {}

  /** @throws ServiceEnded: the first start is not tried again, for what is wrong then stays wrong */
  async start(): Promise<void> {
    await this.begin();
    this.supervision = this.supervise();
  }

  /** Resolves when the process is gone, and none comes after it. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.options.service.stop();
    await this.supervision;
  }

  private async begin(): Promise<void> {
    const { service, onUrl, say } = this.options;
    const url = await service.start();
    onUrl(url);
    say(`${service.name} runs at ${url} (process ${service.pid})`);
  }

  private async supervise(): Promise<void> {
    const { service, say, pause = pauseUnless, now = () => performance.now() } = this.options;
    const { signal } = this.stopping;
    let inARow = 0;
    for (;;) {
      const since = now();
      await service.gone();
      if (signal.aborted) return;
      if (now() - since > longLifeMs) inARow = 0;
      const ms = Math.min(shortestPauseMs * 2 ** inARow++, longestPauseMs);
      say(`${service.name} ended (${service.ending}), and is started again in ${ms / 1000} s`);
      await pause(ms, signal);
      if (signal.aborted) return;
      // One that ends before it has started has said why, and is a death as any other.
      await this.begin().catch(() => undefined);
    }
  }
}

const pauseUnless = (ms: number, signal: AbortSignal) =>
  delay(ms, undefined, { signal }).catch(() => undefined);
