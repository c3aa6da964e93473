import { has, type Characters } from './characters.ts';
import { parsePattern, PatternRefused, type Pattern } from './pattern-syntax.ts';

type State =
  | { kind: 'characters'; set: Characters; next: number }
  | { kind: 'split'; next: readonly number[] }
  | { kind: 'start' | 'end'; next: number }
  | { kind: 'match' };

export const maxStates = 1_000;

/**
 * Tells whether a text holds a match, in time proportional to the text's length whatever the pattern: all ways through the
 * pattern are followed at once, and none is tried again (Thompson's construction).
 */
export class LinearMatcher {
  private readonly states: State[] = [];
  private readonly first: number;

  /** @throws PatternRefused for what is not in the syntax, and for what is too large once its repetitions are written out */
  constructor(private readonly source: string) {
    const pattern = parsePattern(source);
    if (sizeOf(pattern) > maxStates) throw new PatternRefused('repeats too much');
    this.first = this.build(pattern, this.add({ kind: 'match' }));
  }

  test(text: string): boolean {
    let active = new Set<number>();
    let at = 0;
    for (const character of text) {
      // A match may begin anywhere.
      if (this.follow(this.first, at === 0, false, active)) return true;
      if (active.size === 0 && at > 0) return this.emptyAtEnd(text);
      const codePoint = character.codePointAt(0)!;
      const next = new Set<number>();
      const isLast = at + character.length === text.length;
      at += character.length;
      for (const state of active) {
        const one = this.states[state]!;
        if (one.kind === 'characters' && has(one.set, codePoint)) {
          if (this.follow(one.next, false, isLast, next)) return true;
        }
      }
      active = next;
    }
    return this.emptyAtEnd(text);
  }

  /** The validator tells patterns apart by this. */
  toString(): string {
    return `/${this.source}/u`;
  }

  private emptyAtEnd(text: string): boolean {
    return this.follow(this.first, text === '', true, new Set());
  }

  /** Adds where one gets to without a character; true where that is the end of the pattern. */
  private follow(from: number, atStart: boolean, atEnd: boolean, reached: Set<number>): boolean {
    const open = [from];
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

  /** Puts the pattern before the state that comes after it; its first state is the result. */
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

/** States that a pattern will take, its repetitions written out. */
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
