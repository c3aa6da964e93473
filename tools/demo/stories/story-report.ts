import { faultsOf, type ExpectedRequest, type StoryRequest } from './story-faults.ts';

/** A request for the reader: its event, its key fields, and whether it is verified. */
export function requestLine({ target, event, about, fields, verifications }: StoryRequest): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name} ${textOf(value)}`);
  const faulty = verifications.filter(({ valid }) => !valid);
  const verified =
    faulty.length === 0
      ? `verified: ${verifications.map(({ header }) => header).join(', ')}`
      : `NOT VERIFIED: ${faulty.map(({ header }) => header).join(', ')}`;
  return `POST ${event} to ${target} of ${about}\n         ${[shown.join(', '), verified].join('\n         ')}`;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/**
 * Prints what is wrong with the requests of a story, or that nothing is.
 * @returns the exit code
 */
export function report(
  expected: readonly ExpectedRequest[],
  received: readonly StoryRequest[],
  print: (line?: string) => void,
): number {
  const faults = faultsOf(expected, received);
  print();
  if (faults.length > 0) {
    for (const fault of faults) print(`  ✘ ${fault}`);
    print(`\n${faults.length === 1 ? '1 fault' : `${faults.length} faults`}.`);
    return 1;
  }
  const seconds = (performance.now() / 1000).toFixed(1);
  print(`  ✔ ${received.length} requests: each once, in order, and verified (${seconds} s)`);
  return 0;
}
