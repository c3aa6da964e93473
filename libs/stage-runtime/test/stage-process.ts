// A process that handles the requests of a file, all at the same time and each in a stage of its own. The work on a document
// with the content "kills" kills the process.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { FolderBlobStore } from '@casewire/blobs';
import type { StageRequest } from '@casewire/contracts';

import { StageRuns } from '../src/stage-runs.ts';
import type { StageWork } from '../src/stage-work.ts';

const [folder, requestsFile] = process.argv.slice(2) as [string, string];
const requests = JSON.parse(readFileSync(requestsFile, 'utf8')) as StageRequest[];
const blobs = new FolderBlobStore(folder);

let running = 0;
const allRunning = Promise.withResolvers<void>();
const work: StageWork = async ({ document }) => {
  if (++running === requests.length) allRunning.resolve();
  // All runs that can run beside this one are running when it continues. No event says that no other will start.
  await Promise.race([allRunning.promise, delay(300)]);
  if (String(await blobs.read(document.key)) === 'kills') process.kill(process.pid, 'SIGKILL');
  running--;
  return { result: {} };
};

const stage = () =>
  new StageRuns({
    blobs,
    publish: async (result) => {
      process.stdout.write(`${JSON.stringify(result)}\n`);
    },
    log: { info: () => undefined },
  });
await Promise.all(
  requests.map((request) => stage().handle(request, new AbortController().signal, work)),
);
