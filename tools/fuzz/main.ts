import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Findings } from './findings.ts';
import { fuzz } from './fuzz.ts';
import { fuzzVenv } from './venv.ts';

const usage = `npm run fuzz -- [--seed <number>] [--seconds <of the whole run, 300>] [--only schemathesis|sockets|commands|events]

Runs the platform, sends it unexpected requests, commands and events, and fails on wrong responses, crashes and leaked resources. A seed repeats a run.
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: '300' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const print = (text: string) => void process.stdout.write(`${text}\n`);
if (values.help) {
  print(usage);
} else {
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  const findings = new Findings(print);
  const folder = mkdtempSync(join(tmpdir(), 'casewire-fuzz-reports-'));
  print(`seed ${seed}`);
  try {
    const includes = (part: string) => values.only === undefined || values.only === part;
    await fuzz(
      {
        seed,
        seconds: Number(values.seconds),
        venv: includes('schemathesis') ? await fuzzVenv() : null,
        sockets: includes('sockets'),
        commands: includes('commands'),
        events: includes('events'),
        folder,
        print,
      },
      findings,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  print(findings.summary());
  process.exitCode = findings.failures.length === 0 ? 0 : 1;
}
