// A process that works on the requests of a file, all at once and each in a stage of its own. The work on a document whose content is
// "kills" kills the process.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { FolderBlobStore } from '@casewire/blobs';
import type { StageRequest } from '@casewire/contracts';

import { StageRuns, type StageWork } from '../src/stage-runs.ts';

const [folder, requestsFile] = process.argv.slice(2) as [string, string];
const requests = JSON.parse(readFileSync(requestsFile, 'utf8')) as StageRequest[];
const blobs = new FolderBlobStore(folder);

let underWay = 0;
const allUnderWay = Promise.withResolvers<void>();
const work: StageWork = async ({ document }) => {
  if (++underWay === requests.length) allUnderWay.resolve();
  // Whatever may be under way beside this run is under way when it goes on. That nothing more comes has no event.
  await Promise.race([allUnderWay.promise, delay(300)]);
  if (String(await blobs.read(document.key)) === 'kills') process.kill(process.pid, 'SIGKILL');
  underWay--;
  return { result: {} };
};

const stage = () =>
  new StageRuns({
    blobs,
    publish: async (outcome) => {
      process.stdout.write(`${JSON.stringify(outcome)}\n`);
    },
    log: { info: () => undefined },
  });
await Promise.all(
  requests.map((request) => stage().handle(request, new AbortController().signal, work)),
);
