import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';

import { refusedFunctions } from './check-expression.ts';
import { cpuMsOf } from './cpu-time.ts';
import { evaluatorSource } from './evaluator-source.ts';

export interface EvaluatorLimits {
  /** CPU time that one conversion may use. */
  cpuMs: number;
  /** Elapsed time after which a conversion is killed, however busy the machine is. */
  clockMs: number;
  /** Size of the JavaScript heap. */
  memoryMb: number;
}

interface Message {
  ready?: true;
  result?: string | null;
  cpuMs: number;
}

/** The process ended or was killed before it returned a result. */
export class EvaluatorEnded extends Error {
  readonly code = 'EVALUATOR_ENDED';
  constructor(readonly reason: 'cpu' | 'clock' | 'exit') {
    super(reason);
  }
}

/** JSONata in a sandboxed process: no environment, no files but JSONata's own, little memory. One call at a time. */
export class Evaluator {
  private readonly child: ChildProcess;
  private usedMs = 0;
  private waiting = Promise.withResolvers<string | null>();
  private ended: EvaluatorEnded | undefined;

  constructor(private readonly limits: EvaluatorLimits) {
    const jsonata = createRequire(import.meta.url).resolve('jsonata/jsonata.min.js');
    const settings = {
      jsonata,
      // Without its parent the process ends by itself.
      timeLimitMs: limits.clockMs * 2,
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
        // Times without a zone have the same meaning on every machine.
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

  /** Resolves when the process can be called. */
  async started(): Promise<void> {
    await this.waiting.promise;
  }

  /**
   * @param data JSON
   * @returns the result as JSON: `{ok: true, data}` or `{ok: false, reason}`; null if the expression does not end
   * @throws EvaluatorEnded if the process was killed at a limit or ended by itself; it cannot be called again
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

  /** Whether the process keeps its parent from ending. */
  keepParentAlive(isKept: boolean): void {
    if (isKept) this.child.ref();
    else this.child.unref();
    if (isKept) this.child.channel?.ref();
    else this.child.channel?.unref();
  }

  private onMessage({ result, cpuMs }: Message): void {
    this.usedMs = cpuMs;
    this.waiting.resolve(result ?? null);
  }

  private end(reason: EvaluatorEnded['reason']): void {
    this.ended ??= new EvaluatorEnded(reason);
    this.child.kill('SIGKILL');
    this.waiting.reject(this.ended);
  }

  /** Limits the CPU time of the process: on a busy machine the elapsed time says little. Without /proc it limits the elapsed time. */
  private watch(): { stop(): void } {
    const started = performance.now();
    let timer: NodeJS.Timeout;
    const check = () => {
      const elapsed = performance.now() - started;
      const total = cpuMsOf(this.child.pid ?? 0);
      const used = total === null ? elapsed : total - this.usedMs;
      if (used >= this.limits.cpuMs) return this.end('cpu');
      if (elapsed >= this.limits.clockMs) return this.end('clock');
      wait(Math.max(10, Math.min(this.limits.cpuMs - used, this.limits.clockMs - elapsed)));
    };
    // A result that has arrived already is read before the process is checked.
    const wait = (ms: number) => (timer = setTimeout(() => (immediate = setImmediate(check)), ms));
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
