import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { nextMessage, startChild } from './child.ts';

export interface Arrivals {
  /** Requests below /ok; the other figures but the last are of them, too. */
  answered: number;
  /** Milliseconds of the first and the last request; 0 without any. */
  firstAt: number;
  lastAt: number;
  /** From the publishing of the event to the arrival of its request, in milliseconds. */
  latencies: number[];
  /** Requests below /backlog. */
  backlog: number;
}

export class NothingArrives extends Error {
  override name = 'NothingArrives';
  readonly code = 'BENCH_STALLED';
}

/** The receiver in its own process. */
export class BenchReceiver {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<BenchReceiver> {
    const { child, ready } = await startChild('receiver-process.ts');
    const { port } = ready as { port: number };
    return new BenchReceiver(child, `http://127.0.0.1:${port}`);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** URLs below a path, one for each of `count` endpoints. */
  urls(path: string, count: number): string[] {
    return Array.from({ length: count }, (_, i) => `${this.url}/${path}/${i}`);
  }

  /** The arrivals since the last call. */
  readAndReset(): Promise<Arrivals> {
    return this.ask('readAndReset');
  }

  /** Resolves when `count` requests were answered 200. @throws NothingArrives if none arrived for `stalledMs` */
  async until(count: number, stalledMs = 30_000): Promise<void> {
    let seen = -1;
    let since = performance.now();
    for (;;) {
      const { answered } = await this.ask<{ answered: number }>('count');
      if (answered >= count) return;
      if (answered !== seen) {
        seen = answered;
        since = performance.now();
      } else if (performance.now() - since > stalledMs)
        throw new NothingArrives(`${answered} of ${count} arrived`);
      await delay(50);
    }
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private ask<T>(question: 'readAndReset' | 'count'): Promise<T> {
    const reply = nextMessage<T>(this.child);
    this.child.send(question);
    return reply;
  }
}
