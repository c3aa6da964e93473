import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';

import { refusedFunctions } from './check-expression.ts';
import { cpuMsOf } from './cpu-time.ts';
import { evaluatorSource } from './evaluator-source.ts';

export interface EvaluatorLimits {
  /** CPU time that one conversion may take. */
  cpuMs: number;
  /** Time on the clock after which it is given up, however busy the machine is. */
  clockMs: number;
  /** The memory for JavaScript's objects. */
  memoryMb: number;
}

interface Message {
  ready?: true;
  answer?: string | null;
  cpuMs: number;
}

/** The child process ended, or was ended, before it answered. */
export class EvaluatorEnded extends Error {
  readonly code = 'EVALUATOR_ENDED';
  constructor(readonly reason: 'cpu' | 'clock' | 'exit') {
    super(reason);
  }
}

/** JSONata in a child process: without environment, without files but its own, with little memory. One call at a time. */
export class Evaluator {
  private readonly child: ChildProcess;
  private usedMs = 0;
  private waiting = Promise.withResolvers<string | null>();
  private ended: EvaluatorEnded | undefined;

  constructor(private readonly limits: EvaluatorLimits) {
    const jsonata = createRequire(import.meta.url).resolve('jsonata/jsonata.min.js');
    const settings = {
      jsonata,
      // Should the parent be gone, it ends itself.
      patienceMs: limits.clockMs * 2,
      refused: refusedFunctions,
      maxSequence: 100_000,
      maxStack: 200,
      maxExpressions: 200,
      maxText: 1_048_576,
    };
    const flags = [
      '--permission',
      `--allow-fs-read=${jsonata}`,
      `--max-old-space-size=${limits.memoryMb}`,
      '--max-semi-space-size=4',
    ];
    this.child = spawn(
      process.execPath,
      [...flags, '-e', evaluatorSource, '--', JSON.stringify(settings)],
      {
        // Times without a zone are the same everywhere.
        env: { TZ: 'UTC' },
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      },
    );
    this.child.on('message', (message: Message) => this.onMessage(message));
    this.child.on('error', () => this.end('exit'));
    this.child.on('exit', () => this.end('exit'));
    this.waiting.promise.catch(() => undefined);
  }

  get isRunning(): boolean {
    return this.ended === undefined;
  }

  /** Resolves when it can be called. */
  async started(): Promise<void> {
    await this.waiting.promise;
  }

  /**
   * @param data JSON
   * @returns the answer as JSON: `{ok: true, data}` or `{ok: false, reason}`
   * @throws EvaluatorEnded where it was ended for what it used, or ended by itself; it cannot be called again then
   */
  async evaluate(expression: string, data: string): Promise<string | null> {
    if (this.ended) throw this.ended;
    this.waiting = Promise.withResolvers();
    this.waiting.promise.catch(() => undefined);
    this.child.send({ expression, data }, (error) => error && this.end('exit'));
    const watch = this.watch();
    try {
      return await this.waiting.promise;
    } finally {
      watch.stop();
    }
  }

  stop(): void {
    this.end('exit');
  }

  /** Lets the parent end without waiting for the child, or keeps it. */
  hold(isHeld: boolean): void {
    if (isHeld) this.child.ref();
    else this.child.unref();
    if (isHeld) this.child.channel?.ref();
    else this.child.channel?.unref();
  }

  private onMessage({ answer, cpuMs }: Message): void {
    this.usedMs = cpuMs;
    this.waiting.resolve(answer ?? null);
  }

  private end(reason: EvaluatorEnded['reason']): void {
    this.ended ??= new EvaluatorEnded(reason);
    this.child.kill('SIGKILL');
    this.waiting.reject(this.ended);
  }

  /** On a busy machine the clock says little: what counts is what the child has used, where the system tells. */
  private watch(): { stop(): void } {
    const started = performance.now();
    let timer: NodeJS.Timeout;
    const look = () => {
      const elapsed = performance.now() - started;
      const total = cpuMsOf(this.child.pid ?? 0);
      const used = total === null ? elapsed : total - this.usedMs;
      if (used >= this.limits.cpuMs) return this.end('cpu');
      if (elapsed >= this.limits.clockMs) return this.end('clock');
      wait(Math.max(10, Math.min(this.limits.cpuMs - used, this.limits.clockMs - elapsed)));
    };
    // An answer that has come already is taken before the child is looked at.
    const wait = (ms: number) => (timer = setTimeout(() => (immediate = setImmediate(look)), ms));
    let immediate: NodeJS.Immediate | undefined;
    wait(Math.min(this.limits.cpuMs, this.limits.clockMs));
    return {
      stop() {
        clearTimeout(timer);
        if (immediate) clearImmediate(immediate);
      },
    };
  }
}
