import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { proofs, row, type TestReport } from './requirements.ts';

/** A realistic fault in each dialect: number, dialect, right code, wrong code. */
const faults = [
  ['TE-19', 'truenroll', 'data.externalId ?? null', "data.externalId ?? ''"],
  ['TW-21', 'truework', "'x-truework-token'", "'x-token'"],
  ['TG-28', 'trustgate', 'sha256=$', 'sha1=$'],
  ['TV-L1', 'truv', 'v1=$', 'v2=$'],
  ['TI-26', 'trustid', 'RetryCounter: number', 'RetryCounter: 1'],
] as const;

const root = resolve(import.meta.dirname, '../..');
const document = readFileSync(join(root, 'docs/requirements.md'), 'utf8');

/** A copy of the dialects and their tests outside the project. */
class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'casewire-planted-'));

  constructor() {
    for (const part of ['libs/webhooks', 'libs/contracts', 'tsconfig.base.json', 'package.json'])
      cpSync(join(root, part), join(this.folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    writeFileSync(
      join(this.folder, 'tsconfig.json'),
      JSON.stringify({ extends: './tsconfig.base.json', include: ['libs'] }),
    );
    writeFileSync(
      join(this.folder, 'vitest.config.ts'),
      `export default { resolve: { tsconfigPaths: true }, test: { include: ['libs/webhooks/src/*.dialect.spec.ts'] } };`,
    );
  }

  plant(dialect: string, right: string, wrong: string): void {
    const file = join(this.folder, `libs/webhooks/src/${dialect}.dialect.ts`);
    const source = readFileSync(file, 'utf8');
    if (!source.includes(right)) throw new Error(`${dialect} does not contain ${right}`);
    writeFileSync(file, source.replaceAll(right, wrong));
  }

  /** Runs the tests of the copy; number -> its row. */
  rows(): Map<string, string> {
    const report = join(this.folder, 'report.json');
    const options = ['run', '--reporter=json', `--outputFile.json=${report}`];
    spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...options], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
    });
    const found = proofs(
      document,
      [JSON.parse(readFileSync(report, 'utf8')) as TestReport],
      this.folder,
    );
    return new Map(found.map((one) => [one.number, row(one)]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let planted: Map<string, string>;
const whole = new Copy();
const faulty = new Copy();
beforeAll(() => {
  for (const [, dialect, right, wrong] of faults) faulty.plant(dialect, right, wrong);
  planted = faulty.rows();
}, 120_000);
afterAll(() => {
  whole.remove();
  faulty.remove();
});

// Without the numbers in the names: these tests would count as proof of them.
test.each(faults.map(([number, dialect]) => ({ number, dialect })))(
  'a fault in the dialect $dialect makes the row of its requirement FAILED',
  ({ number }) => {
    expect(planted.get(number)).toContain(' FAILED ');
  },
);

test('without the faults each of these requirements is proved', () => {
  const rows = whole.rows();
  for (const [number] of faults) expect(rows.get(number)).toContain(' ok ');
});
