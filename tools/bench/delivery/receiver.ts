import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface Arrivals {
  answered: number;
  firstAt: number;
  lastAt: number;
  latencies: number[];
}

export class NothingArrives extends Error {
  readonly code = 'BENCH_STALLED';
}

/** The receiver in its own process. */
export class BenchReceiver {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<BenchReceiver> {
    const child = fork(new URL('receiver-process.ts', import.meta.url), {
      execArgv: ['--import', '#register'],
    });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new BenchReceiver(child, `http://127.0.0.1:${port}`);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The arrivals since the last call. */
  async readAndReset(): Promise<Arrivals> {
    const reply = once(this.child, 'message');
    this.child.send('readAndReset');
    return ((await reply) as [Arrivals])[0];
  }

  /** Resolves when `count` requests were answered 200. @throws NothingArrives if none arrived for `stalledMs` */
  async until(count: number, stalledMs = 30_000): Promise<void> {
    let seen = -1;
    let since = performance.now();
    for (;;) {
      const reply = once(this.child, 'message');
      this.child.send('count');
      const [{ answered }] = (await reply) as [{ answered: number }];
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
}
