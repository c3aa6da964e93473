import { FlushLane } from '../src/log/flush-lane.ts';
import type { LogEnvironment } from '../src/log/partition-log.ts';
import { FaultyDisk } from './faulty-disk.ts';

export interface TestLogEnvironment extends LogEnvironment {
  readonly disk: FaultyDisk;
  /** What was logged. */
  readonly lines: object[];
}

/** Surroundings for the logs of a test; what they leave open is closed with it. */
export function logEnvironment(
  onTestFinished: (release: () => Promise<void>) => void,
  settings: Partial<LogEnvironment> = {},
): TestLogEnvironment {
  const disk = new FaultyDisk();
  onTestFinished(() => disk.abandon());
  const lines: object[] = [];
  const note = (line: object) => {
    lines.push(line);
  };
  return {
    flushes: new FlushLane(2),
    segmentBytes: 1024 * 1024,
    producerLimit: 100,
    logger: { info: note, error: note },
    ...settings,
    disk,
    lines,
  };
}
