import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Recorder } from './recorder.ts';

export interface MemberReport {
  joined?: boolean;
  begun?: boolean;
  key?: string;
  number?: string;
}

/** Starts member.ts as a process; its reports can be awaited, including those right before it was killed. */
export function startMember(brokers: string, groupId: string, topic: string) {
  const program = join(import.meta.dirname, 'member.ts');
  const child = spawn(
    process.execPath,
    ['--import', '#register', program, brokers, groupId, topic],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const reports = new Recorder<MemberReport>();
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    reports.add(JSON.parse(line) as MemberReport);
  });
  const closed = once(lines, 'close');
  return {
    reports,
    /** SIGKILL: it neither commits nor leaves the group. */
    kill: async (): Promise<void> => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
