import { parseArgs } from 'node:util';

import { corpusFiles } from './corpus.ts';
import { hostileFiles } from './generate.ts';
import { tableOf, violationsOf } from './report.ts';
import { runTrials } from './run-trials.ts';

const usage = `usage: npm run hostile -- --corpus <folder>     submits every file of the folder
       npm run hostile -- --count <n> --seed <n>  submits generated files`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

function wholeNumber(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new TypeError(`--${name} must be a whole number, not ${JSON.stringify(value)}`);
}

/** @returns the exit code: 0; 1 for a violation; 2 for wrong usage */
async function run(args: string[]): Promise<number> {
  let files: ReturnType<typeof corpusFiles>;
  try {
    const { values } = parseArgs({
      args,
      options: {
        corpus: { type: 'string' },
        count: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
      },
    });
    files =
      values.corpus === undefined
        ? hostileFiles(wholeNumber('count', values.count), wholeNumber('seed', values.seed))
        : corpusFiles(values.corpus);
  } catch (error) {
    print(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  const trials = await runTrials(files, {
    onTrial: ({ name, about, code, stages, caseId }) => {
      const ends = Object.entries(stages).map(([stage, end]) => `${stage} ${end}`);
      const result = caseId === null ? `refused ${code}` : `accepted: ${ends.join(', ')}`;
      print(`${JSON.stringify(name)} (${about}): ${result}`);
    },
  });
  print(`\n${tableOf(trials)}`);
  const violations = violationsOf(trials);
  for (const violation of violations) print(`violation: ${violation}`);
  return violations.length > 0 ? 1 : 0;
}

process.exitCode = await run(process.argv.slice(2));
