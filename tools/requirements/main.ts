import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { proofs, row, type TestReport } from './requirements.ts';

/** Prints each number of docs/requirements.md with the test that proves it, by the reports of the last test runs. */
const root = resolve(import.meta.dirname, '../..');
const folder = join(root, '.test-reports');
if (!existsSync(folder)) {
  process.stderr.write(
    [
      'There is no report of a test run yet. Each of these writes one:',
      '  npm test             most requirements',
      '  npm run test:kafka   those that are shown on Apache Kafka (needs Java 17 and Maven)',
      '  npm run test:long    those that are shown under kills',
      '  npm run test:host    those that need programs of the host (kcat, root)',
      '',
    ].join('\n'),
  );
  process.exit(2);
}
const reports = globSync('*.json', { cwd: folder }).map(
  (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as TestReport,
);
const found = proofs(readFileSync(join(root, 'docs/requirements.md'), 'utf8'), reports, root);
for (const one of found) process.stdout.write(`${row(one)}\n`);
const failed = found.filter(({ tests }) => tests.some(({ passed }) => !passed));
const open = found.filter(({ tests }) => tests.length === 0);
const proved = found.length - failed.length - open.length;
process.stdout.write(`${proved} proved, ${open.length} open, ${failed.length} failed\n`);
process.exit(failed.length === 0 ? 0 : 1);
