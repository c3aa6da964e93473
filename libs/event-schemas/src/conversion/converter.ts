import type { Json } from '../schema.ts';
import { checkExpression } from './check-expression.ts';
import { Evaluator, EvaluatorEnded, type EvaluatorLimits } from './evaluator.ts';

export type Converted = { ok: true; data: Json } | { ok: false; reason: string };

const defaults: EvaluatorLimits = { cpuMs: 50, clockMs: 5_000, memoryMb: 64 };

const reasons = {
  cpu: ({ cpuMs }: EvaluatorLimits) => `it takes more than ${cpuMs} ms`,
  clock: ({ clockMs }: EvaluatorLimits) => `it was not done after ${clockMs} ms`,
  exit: ({ memoryMb }: EvaluatorLimits) => `it needs more than ${memoryMb} MB, or breaks`,
};

/**
 * Runs down-conversions: JSONata expressions that others wrote, in a child process. It has no environment, no files, no
 * network and little memory; a conversion that takes too much of anything is ended with it, and the next one gets a new
 * child. A thread would not do: one allocation beyond its limit ends the whole process.
 *
 * The same expression gives the same result for the same data: nothing that tells time or chance may be called.
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

  /** Never throws: what fails is told. Conversions run one after the other. */
  async convert(expression: string, data: Json): Promise<Converted> {
    const fault = this.faultOf(expression);
    if (fault !== null) return { ok: false, reason: fault };
    const turn = this.last.then(() => this.run(expression, JSON.stringify(data)));
    this.last = turn;
    return turn;
  }

  /** Ends the child; conversions that wait fail. */
  async close(): Promise<void> {
    this.closed = true;
    this.evaluator?.stop();
    await this.last;
  }

  private async run(expression: string, data: string): Promise<Converted> {
    if (this.closed) return { ok: false, reason: 'the converter is closed' };
    // What ended between two conversions is not this one's fault.
    const evaluator = await this.ready();
    if (!evaluator) return { ok: false, reason: 'conversions cannot be run at the moment' };
    evaluator.hold(true);
    try {
      const answer = await evaluator.evaluate(expression, data);
      return answer === null
        ? { ok: false, reason: 'it never ends' }
        : (JSON.parse(answer) as Converted);
    } catch (error) {
      if (!(error instanceof EvaluatorEnded)) throw error;
      this.evaluator = undefined;
      return { ok: false, reason: reasons[error.reason](this.limits) };
    } finally {
      evaluator.hold(false);
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
