import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { proofs, row, type TestReport } from './requirements.ts';

const root = resolve(import.meta.dirname, '../..');

/** A copy of a part of the project in a folder of its own, in which faults are planted and tests are run. */
export class PlantedCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'casewire-planted-'));

  /**
   * @param parts the folders to copy
   * @param specs the tests to run, as patterns of vitest
   */
  constructor(parts: readonly string[], specs: readonly string[]) {
    for (const part of [...parts, 'tsconfig.base.json', 'package.json'])
      cpSync(join(root, part), join(this.folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    writeFileSync(
      join(this.folder, 'tsconfig.json'),
      JSON.stringify({ extends: './tsconfig.base.json', include: parts }),
    );
    const test = { include: specs, testTimeout: 30_000 };
    writeFileSync(
      join(this.folder, 'vitest.config.ts'),
      `export default { resolve: { tsconfigPaths: true }, test: ${JSON.stringify(test)} };`,
    );
  }

  /** Replaces code in a file. @throws Error where the file does not have it */
  plant(path: string, right: string, wrong: string): void {
    const file = join(this.folder, path);
    const source = readFileSync(file, 'utf8');
    if (!source.includes(right)) throw new Error(`${path} does not contain ${right}`);
    writeFileSync(file, source.replaceAll(right, wrong));
  }

  /**
   * Runs the tests of the copy, for at most 150 seconds.
   * @param names a pattern of the names of the tests to run; by default all
   * @returns number of docs/requirements.md -> its row
   */
  async rows(names = ''): Promise<Map<string, string>> {
    const report = join(this.folder, 'report.json');
    const options = ['run', '--reporter=json', `--outputFile.json=${report}`, '-t', names];
    const { PATH, HOME, TMPDIR } = process.env;
    const vitest = spawn(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), ...options],
      { cwd: this.folder, env: { PATH, HOME, TMPDIR }, stdio: 'ignore', timeout: 150_000 },
    );
    // Without a report, because it ended before, the next statement throws.
    await once(vitest, 'close');
    const found = proofs(
      readFileSync(join(root, 'docs/requirements.md'), 'utf8'),
      [JSON.parse(readFileSync(report, 'utf8')) as TestReport],
      this.folder,
    );
    return new Map(found.map((one) => [one.number, row(one)]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
