import type { Json } from '../schema.ts';
import { checkExpression } from './check-expression.ts';
import { Evaluator, EvaluatorEnded, type EvaluatorLimits } from './evaluator.ts';

export type Converted = { ok: true; data: Json } | { ok: false; reason: string };

const defaults: EvaluatorLimits = { cpuMs: 50, clockMs: 5_000, memoryMb: 64 };

const reasons = {
  cpu: ({ cpuMs }: EvaluatorLimits) => `it takes more than ${cpuMs} ms`,
  clock: ({ clockMs }: EvaluatorLimits) => `it did not finish within ${clockMs} ms`,
  exit: ({ memoryMb }: EvaluatorLimits) => `it needs more than ${memoryMb} MB, or it crashed`,
};

/**
 * Runs down-conversions, which are JSONata expressions written by teams, in a sandboxed process: it has no environment, no files,
 * no network and little memory. A conversion that exceeds a limit is killed together with its process, and the next one gets a new
 * process. A worker thread is not enough: an allocation beyond its limit ends the whole process.
 *
 * The same expression gives the same result for the same data: functions that return the time or random numbers are not allowed.
 */
export class Converter {
  private readonly limits: EvaluatorLimits;
  private evaluator: Evaluator | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private readonly checked = new Map<string, string | null>();
  private closed = false;

  constructor(limits: Partial<EvaluatorLimits> = {}) {
    this.limits = { ...defaults, ...limits };
  }

  /** Converts data. Never throws: a failure is a result. Conversions run one after the other. */
  async convert(expression: string, data: Json): Promise<Converted> {
    const fault = this.faultOf(expression);
    if (fault !== null) return { ok: false, reason: fault };
    const conversion = this.last.then(() => this.run(expression, JSON.stringify(data)));
    this.last = conversion;
    return conversion;
  }

  /** Ends the process; waiting conversions fail. */
  async close(): Promise<void> {
    this.closed = true;
    this.evaluator?.stop();
    await this.last;
  }

  private async run(expression: string, data: string): Promise<Converted> {
    if (this.closed) return { ok: false, reason: 'the converter is closed' };
    // A process that ended between two conversions does not fail this one.
    const evaluator = await this.ready();
    if (!evaluator) return { ok: false, reason: 'conversions cannot be run at the moment' };
    evaluator.keepParentAlive(true);
    try {
      const result = await evaluator.evaluate(expression, data);
      return result === null
        ? { ok: false, reason: 'it does not end' }
        : (JSON.parse(result) as Converted);
    } catch (error) {
      if (!(error instanceof EvaluatorEnded)) throw error;
      this.evaluator = undefined;
      return { ok: false, reason: reasons[error.reason](this.limits) };
    } finally {
      evaluator.keepParentAlive(false);
    }
  }

  private async ready(): Promise<Evaluator | undefined> {
    if (this.evaluator?.isRunning) return this.evaluator;
    for (let tries = 0; tries < 2; tries++) {
      const evaluator = new Evaluator(this.limits);
      this.evaluator = evaluator;
      try {
        await evaluator.started();
        return evaluator;
      } catch {
        this.evaluator = undefined;
      }
    }
    return undefined;
  }

  private faultOf(expression: string): string | null {
    const known = this.checked.get(expression);
    if (known !== undefined) return known;
    const fault = checkExpression(expression);
    if (this.checked.size >= 1_000) this.checked.clear();
    this.checked.set(expression, fault);
    return fault;
  }
}
