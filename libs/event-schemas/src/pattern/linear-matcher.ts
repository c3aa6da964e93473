import { has, type Characters } from './characters.ts';
import { parsePattern, PatternRefused, type Pattern } from './pattern-syntax.ts';

type State =
  | { kind: 'characters'; set: Characters; next: number }
  | { kind: 'split'; next: readonly number[] }
  | { kind: 'start' | 'end'; next: number }
  | { kind: 'match' };

export const maxStates = 1_000;

/** The set of states that are possible after a part of the text. */
interface Step {
  matched: boolean;
  /** True if there is a match in case the text ends here. */
  matchedAtEnd: boolean;
  /** States that need another character. */
  active: readonly number[];
  /** The following step, by the next character. */
  next: Map<number, Step>;
}

/** Steps that are cached. */
const maxSteps = 200;
/** Characters whose following step is cached, for each step. */
const maxCharacters = 128;

/**
 * Tests whether a text contains a match, in time proportional to the text's length for every pattern: all paths through the
 * pattern are followed at once, without backtracking (Thompson's construction).
 */
export class LinearMatcher {
  private readonly states: State[] = [];
  private readonly first: number;
  private readonly steps = new Map<string, Step>();
  /** The step inside the text from which no match has begun. */
  private readonly restart: Step;

  /** @throws PatternRefused if the syntax is not supported, or if the pattern has too many states once its repetitions are expanded */
  constructor(private readonly source: string) {
    const pattern = parsePattern(source);
    if (sizeOf(pattern) > maxStates) throw new PatternRefused('has too many repetitions');
    this.first = this.build(pattern, this.add({ kind: 'match' }));
    this.restart = this.step([this.first], false);
  }

  test(text: string): boolean {
    let step = this.step([this.first], true);
    for (let at = 0; at < text.length;) {
      if (step.matched) return true;
      if (step.active.length === 0 && this.restart.active.length === 0 && !this.restart.matched)
        return this.restart.matchedAtEnd;
      const codePoint = text.codePointAt(at)!;
      at += codePoint > 0xffff ? 2 : 1;
      step = step.next.get(codePoint) ?? this.after(step, codePoint);
    }
    return step.matched || step.matchedAtEnd;
  }

  /** The key by which the validator distinguishes patterns. */
  toString(): string {
    return `/${this.source}/u`;
  }

  /** The step after the next character; cached. */
  private after(step: Step, codePoint: number): Step {
    const kernel = new Set([this.first]);
    for (const index of step.active) {
      const state = this.states[index]!;
      if (state.kind === 'characters' && has(state.set, codePoint)) kernel.add(state.next);
    }
    const next = this.step(
      [...kernel].toSorted((a, b) => a - b),
      false,
    );
    if (step.next.size < maxCharacters) step.next.set(codePoint, next);
    return next;
  }

  /** @param kernel the possible states, including the first one, for a match that begins here */
  private step(kernel: number[], atStart: boolean): Step {
    const key = `${atStart}:${kernel.join()}`;
    const known = this.steps.get(key);
    if (known) return known;
    const active = new Set<number>();
    const step: Step = {
      matched: this.follow(kernel, atStart, false, active),
      matchedAtEnd: this.follow(kernel, atStart, true, new Set()),
      active: [...active].filter((index) => this.states[index]!.kind === 'characters'),
      next: new Map(),
    };
    if (this.steps.size >= maxSteps) {
      // Removed steps refer to each other and would stay in memory.
      for (const one of this.steps.values()) one.next.clear();
      this.steps.clear();
    }
    this.steps.set(key, step);
    return step;
  }

  /** Adds the states that are reachable without a character; true if the match state is one of them. */
  private follow(
    kernel: readonly number[],
    atStart: boolean,
    atEnd: boolean,
    reached: Set<number>,
  ): boolean {
    const open = [...kernel];
    while (open.length > 0) {
      const index = open.pop()!;
      if (reached.has(index)) continue;
      const state = this.states[index]!;
      if (state.kind === 'match') return true;
      if (state.kind === 'start' && !atStart) continue;
      if (state.kind === 'end' && !atEnd) continue;
      reached.add(index);
      if (state.kind === 'split') open.push(...state.next);
      else if (state.kind !== 'characters') open.push(state.next);
    }
    return false;
  }

  private add(state: State): number {
    return this.states.push(state) - 1;
  }

  /** Builds the states of a pattern in front of the state `next`, and returns the first one. */
  private build(pattern: Pattern, next: number): number {
    switch (pattern.kind) {
      case 'characters':
        return this.add({ kind: 'characters', set: pattern.set, next });
      case 'start':
      case 'end':
        return this.add({ kind: pattern.kind, next });
      case 'sequence':
        return pattern.parts.reduceRight((after, part) => this.build(part, after), next);
      case 'choice':
        return this.add({
          kind: 'split',
          next: pattern.options.map((one) => this.build(one, next)),
        });
      case 'repeat':
        return this.repeat(pattern, next);
    }
  }

  private repeat({ part, min, max }: Pattern & { kind: 'repeat' }, next: number): number {
    let first = next;
    if (max === Infinity) {
      const loop: { kind: 'split'; next: number[] } = { kind: 'split', next: [next] };
      first = this.add(loop);
      loop.next.push(this.build(part, first));
    } else {
      for (let i = min; i < max; i++)
        first = this.add({ kind: 'split', next: [next, this.build(part, first)] });
    }
    for (let i = 0; i < min; i++) first = this.build(part, first);
    return first;
  }
}

/** The number of states of a pattern with its repetitions expanded. */
function sizeOf(pattern: Pattern): number {
  const sum = (parts: readonly Pattern[]) => parts.reduce((all, part) => all + sizeOf(part), 0);
  switch (pattern.kind) {
    case 'characters':
    case 'start':
    case 'end':
      return 1;
    case 'sequence':
      return sum(pattern.parts);
    case 'choice':
      return 1 + sum(pattern.options);
    case 'repeat': {
      const { min, max } = pattern;
      const copies = max === Infinity ? min + 1 : max;
      return 1 + copies * (1 + sizeOf(pattern.part));
    }
  }
}
