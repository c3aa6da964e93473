const faults: [what: string, pattern: RegExp][] = [
  ['a process was started again', /^[\w-]+ ended \(.*\), and is started again/],
  [
    'an uncaught exception',
    /uncaught ?exception|^(?:\w*Error|AggregateError)\b.*: |^Node\.js v\d/i,
  ],
  ['an unhandled rejection', /unhandled ?(?:promise ?)?rejection/i],
  ['a fault of the framework', /"event":"framework\.failed"/],
];

/** The faults that the lines of the platform show. */
export const faultsOfLog = (lines: readonly string[]): { what: string; line: string }[] =>
  lines.flatMap((line) =>
    faults
      .filter(([, pattern]) => pattern.test(line))
      .map(([what]) => ({ what: `${what}, by the log`, line: line.slice(0, 1_000) })),
  );
