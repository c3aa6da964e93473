import { FlushQueue } from '../src/log/flush-queue.ts';
import type { LogEnvironment } from '../src/log/partition-log.ts';
import { FaultyDisk } from './faulty-disk.ts';

export interface TestLogEnvironment extends LogEnvironment {
  readonly disk: FaultyDisk;
  /** The logged objects. */
  readonly lines: object[];
}

/** The environment for the logs of a test. Files that are still open are closed after the test. */
export function logEnvironment(
  onTestFinished: (release: () => Promise<void>) => void,
  settings: Partial<LogEnvironment> = {},
): TestLogEnvironment {
  const disk = new FaultyDisk();
  onTestFinished(() => disk.abandon());
  const lines: object[] = [];
  const record = (line: object) => {
    lines.push(line);
  };
  return {
    flushes: new FlushQueue(2),
    segmentBytes: 1024 * 1024,
    producerLimit: 100,
    logger: { info: record, error: record },
    ...settings,
    disk,
    lines,
  };
}
