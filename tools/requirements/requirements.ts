import endToEnd from './end-to-end.json' with { type: 'json' };

/** Requirements that only tests from the cause to the request prove: their numbers, and the files of these tests. */
export interface EndToEnd {
  numbers: readonly string[];
  specs: readonly string[];
}

/** A requirement, with the tests that prove it by the reports of the last runs. */
export interface Requirement {
  number: string;
  /** The text of docs/requirements.md. */
  text: string;
  tests: { name: string; file: string; passed: boolean }[];
}

/** The part of vitest's JSON report that is read here. */
export interface TestReport {
  testResults: {
    name: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

/** The numbers and texts of docs/requirements.md: its rows that begin with a number. */
export function listed(document: string): { number: string; text: string }[] {
  return [...document.matchAll(/^\| (T[EWGVI]-L?\d+) \| (.+) \|$/gm)].map(([, number, text]) => ({
    number: number!,
    text: text!,
  }));
}

// For example the wire form of an event that is not raised yet.
const partly = /\bpart of (?:T[EWGVI]-L?\d+(?:\.\.(?:T[EWGVI]-L?)?\d+)?\b ?)+/g;

/**
 * The numbers that the name of a test claims; `TV-2..7` means TV-2 to TV-7. A test that shows only `part of TV-2` does not
 * claim it.
 */
export function numbersIn(name: string): string[] {
  const claimed = name.replaceAll(partly, '');
  return [...claimed.matchAll(/\b(T[EWGVI]-L?)(\d+)(?:\.\.(?:T[EWGVI]-L?)?(\d+))?\b/g)].flatMap(
    ([, prefix, first, last]) => {
      const from = Number(first);
      const count = last === undefined ? 1 : Number(last) - from + 1;
      return Array.from({ length: Math.max(count, 0) }, (_, i) => `${prefix}${from + i}`);
    },
  );
}

/**
 * Each number with the tests that have it in their names.
 * @param root the folder that the paths of files are shown relative to
 * @param only numbers for which tests of other files do not count
 */
export function proofs(
  document: string,
  reports: readonly TestReport[],
  root: string,
  only: EndToEnd = endToEnd,
): Requirement[] {
  const tests = reports
    .flatMap(({ testResults }) =>
      testResults.flatMap(({ name: file, assertionResults }) =>
        assertionResults.map(({ fullName, status }) => ({
          name: fullName,
          file: file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file,
          passed: status === 'passed',
        })),
      ),
    )
    // The tests of this folder have numbers in their names, but prove none.
    .filter(({ file }) => !file.startsWith('tools/requirements/'));
  const byNumber = new Map<string, Requirement['tests']>();
  for (const test of tests) {
    const numbers = numbersIn(test.name).filter(
      (number) => !only.numbers.includes(number) || only.specs.includes(test.file),
    );
    for (const number of new Set(numbers))
      byNumber.set(number, [...(byNumber.get(number) ?? []), test]);
  }
  return listed(document).map((one) => ({ ...one, tests: byNumber.get(one.number) ?? [] }));
}

/** One line: the number, and the test that proves it, the test that fails, or `open`. */
export function row({ number, tests }: Requirement): string {
  const failed = tests.find(({ passed }) => !passed);
  const [shown] = failed ? [failed] : tests;
  if (!shown) return `${number.padEnd(6)} open`;
  const others = tests.length > 1 ? ` (and ${tests.length - 1} more)` : '';
  return `${number.padEnd(6)} ${failed ? 'FAILED' : 'ok'} ${shown.file}: ${shown.name}${others}`;
}
