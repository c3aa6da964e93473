import type { HostileFile } from './hostile-file.ts';
import { PlatformProcess } from './platform-process.ts';
import { ProcessWatch } from './process-watch.ts';
import { submitFile, type Trial, untilTerminal } from './submission-trial.ts';

export interface TrialsOptions {
  /** Files that are submitted at once. */
  atOnce?: number;
  /** How long an accepted file may take, in milliseconds. */
  terminalMs?: number;
  /** Is given each result as it comes. */
  onTrial?: (trial: Trial) => void;
}

export interface Trials {
  trials: Trial[];
  /** What was said of services that ended. */
  ends: string[];
  /** Largest resident memory by kind of process, in bytes. */
  peaks: Map<string, number>;
}

/** Runs the platform with one process per service, and submits every file to it. */
export async function runTrials(
  files: AsyncIterable<HostileFile>,
  { atOnce = 4, terminalMs = 600_000, onTrial }: TrialsOptions = {},
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
    const note = (trial: Trial) => {
      trials.push(trial);
      onTrial?.(trial);
    };
    const work = async () => {
      for (;;) {
        const { value: file, done } = await source.next();
        if (done) return;
        const trial = await submitFile(file, options);
        // What is accepted is worked on while others are submitted.
        accepted.push(untilTerminal(trial, options).then(note));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await Promise.all(accepted);
    watch.look();
    const ends = [...platform.ends, ...(platform.running ? [] : ['start:all itself ended'])];
    return { trials, ends, peaks: watch.peaks };
  } finally {
    watch.stop();
    await platform.stop();
  }
}
