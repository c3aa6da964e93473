import type { HostileFile } from './hostile-file.ts';
import { PlatformProcess } from './platform-process.ts';
import { ProcessWatch } from './process-watch.ts';
import { submitFile, type Trial, untilTerminal } from './submission-trial.ts';

export interface TrialsOptions {
  /** Files that are submitted at the same time. */
  concurrency?: number;
  /** An accepted file must be completed within this time, in milliseconds. */
  terminalMs?: number;
  /** Receives each result. */
  onTrial?: (trial: Trial) => void;
}

export interface Trials {
  trials: Trial[];
  /** Log lines about services that ended. */
  ends: string[];
  /** Peak of resident memory by kind of process, in bytes. */
  peaks: Map<string, number>;
}

/** Starts the platform with one process per service and submits every file to it. */
export async function runTrials(
  files: AsyncIterable<HostileFile>,
  { concurrency = 4, terminalMs = 600_000, onTrial }: TrialsOptions = {},
): Promise<Trials> {
  const platform = new PlatformProcess();
  const watch = new ProcessWatch(platform.pid);
  const trials: Trial[] = [];
  try {
    const target = await platform.started();
    watch.start();
    const source = files[Symbol.asyncIterator]();
    const options = { target, terminalMs };
    const accepted: Promise<void>[] = [];
    const record = (trial: Trial) => {
      trials.push(trial);
      onTrial?.(trial);
    };
    const work = async () => {
      for (;;) {
        const { value: file, done } = await source.next();
        if (done) return;
        const trial = await submitFile(file, options);
        // An accepted file is processed while others are submitted.
        accepted.push(untilTerminal(trial, options).then(record));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    await Promise.all(accepted);
    watch.measure();
    const ends = [...platform.ends, ...(platform.running ? [] : ['start:all itself ended'])];
    return { trials, ends, peaks: watch.peaks };
  } finally {
    watch.stop();
    await platform.stop();
  }
}
