import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder that is removed after the test. */
export async function temporaryFolder(onTestFinished: (release: () => Promise<void>) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-kafka-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
