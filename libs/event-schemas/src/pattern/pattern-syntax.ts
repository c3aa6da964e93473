import {
  anyButLineEnds,
  complement,
  digits,
  spaces,
  union,
  wordCharacters,
  type Characters,
} from './characters.ts';

/** A regular expression of a catalogued schema. */
export type Pattern =
  | { kind: 'characters'; set: Characters }
  | { kind: 'start' }
  | { kind: 'end' }
  | { kind: 'sequence'; parts: readonly Pattern[] }
  | { kind: 'choice'; options: readonly Pattern[] }
  | { kind: 'repeat'; part: Pattern; min: number; max: number };

export class PatternRefused extends Error {
  readonly code = 'PATTERN_REFUSED';
}

export const patternLimits = { length: 512, repeats: 1_000, depth: 20 };

const controls: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', '0': '\0' };
const classes: Record<string, Characters> = {
  d: digits,
  D: complement(digits),
  w: wordCharacters,
  W: complement(wordCharacters),
  s: spaces,
  S: complement(spaces),
};
const single = (codePoint: number): Characters => [[codePoint, codePoint]];

/**
 * Parses a regular expression of ECMAScript (flag `u`): characters, classes, groups, choices, repetitions, `^` and `$`.
 * Lookarounds and backreferences are refused: they cannot be matched in linear time.
 * @throws PatternRefused with the reason
 */
export function parsePattern(source: string): Pattern {
  if (source.length > patternLimits.length)
    throw new PatternRefused(`is longer than ${patternLimits.length} characters`);
  try {
    // Only a syntax check: the expression is never run.
    RegExp(source, 'u');
  } catch {
    throw new PatternRefused('is not a regular expression');
  }
  return new Parser(source).parse();
}

class Parser {
  private at = 0;
  private readonly characters: string[];

  constructor(source: string) {
    this.characters = Array.from(source);
  }

  parse(): Pattern {
    return this.choice(0);
  }

  private get next(): string | undefined {
    return this.characters[this.at];
  }

  private consume(): string {
    return this.characters[this.at++]!;
  }

  private skip(text: string): boolean {
    const found = this.characters.slice(this.at, this.at + text.length).join('') === text;
    if (found) this.at += text.length;
    return found;
  }

  private choice(depth: number): Pattern {
    if (depth > patternLimits.depth) throw new PatternRefused('is nested too deeply');
    const options = [this.sequence(depth)];
    while (this.skip('|')) options.push(this.sequence(depth));
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  private sequence(depth: number): Pattern {
    const parts: Pattern[] = [];
    while (this.next !== undefined && this.next !== '|' && this.next !== ')')
      parts.push(this.repeated(this.part(depth)));
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  private part(depth: number): Pattern {
    const character = this.consume();
    switch (character) {
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'characters', set: anyButLineEnds };
      case '[':
        return { kind: 'characters', set: this.characterClass() };
      case '(':
        return this.group(depth);
      case '\\':
        return { kind: 'characters', set: this.escape() };
      default:
        return { kind: 'characters', set: single(character.codePointAt(0)!) };
    }
  }

  private group(depth: number): Pattern {
    if (this.next === '?' && !this.skip('?:'))
      throw new PatternRefused('has a group other than ( ) and (?: )');
    const inside = this.choice(depth + 1);
    this.at += 1;
    return inside;
  }

  private repeated(part: Pattern): Pattern {
    const bounds = this.bounds();
    if (!bounds) return part;
    // A lazy quantifier finds another match, but it finds one in the same texts.
    this.skip('?');
    const [min, max] = bounds;
    const highest = Number.isFinite(max) ? max : min;
    if (highest > patternLimits.repeats)
      throw new PatternRefused(`repeats a part more than ${patternLimits.repeats} times`);
    return { kind: 'repeat', part, min, max };
  }

  private bounds(): [min: number, max: number] | null {
    if (this.skip('*')) return [0, Infinity];
    if (this.skip('+')) return [1, Infinity];
    if (this.skip('?')) return [0, 1];
    if (!this.skip('{')) return null;
    const end = this.characters.indexOf('}', this.at);
    const [min, max] = this.characters.slice(this.at, end).join('').split(',');
    this.at = end + 1;
    return [Number(min), max === undefined ? Number(min) : max === '' ? Infinity : Number(max)];
  }

  private characterClass(): Characters {
    const negated = this.skip('^');
    let set: Characters = [];
    while (!this.skip(']')) {
      const first = this.classPart();
      const isRange = this.next === '-' && this.characters[this.at + 1] !== ']';
      if (!isRange) {
        set = union(set, first);
        continue;
      }
      this.at += 1;
      set = union(set, [[first[0]![0], this.classPart()[0]![1]]]);
    }
    return negated ? complement(set) : set;
  }

  private classPart(): Characters {
    const character = this.consume();
    return character === '\\' ? this.escape() : single(character.codePointAt(0)!);
  }

  private escape(): Characters {
    const character = this.consume();
    if (classes[character]) return classes[character];
    if (character === 'x') return single(this.hex(2));
    if (character === 'u') return single(this.unicode());
    const control = controls[character];
    if (control !== undefined) return single(control.codePointAt(0)!);
    if (/[0-9A-Za-z]/.test(character)) throw new PatternRefused(`uses \\${character}`);
    return single(character.codePointAt(0)!);
  }

  private hex(length: number): number {
    const text = this.characters.slice(this.at, this.at + length).join('');
    this.at += length;
    return Number.parseInt(text, 16);
  }

  private unicode(): number {
    if (this.skip('{')) {
      const end = this.characters.indexOf('}', this.at);
      const codePoint = this.hex(end - this.at);
      this.at += 1;
      return codePoint;
    }
    const unit = this.hex(4);
    const isHigh = unit >= 0xd800 && unit <= 0xdbff;
    const low = this.characters.slice(this.at, this.at + 6).join('');
    // Two escapes of a surrogate pair are one character.
    if (!isHigh || !/^\\u[dD][c-fC-F]/.test(low)) return unit;
    this.at += 2;
    return String.fromCharCode(unit, this.hex(4)).codePointAt(0)!;
  }
}
