import { spawn } from 'node:child_process';

const killAfterSeconds = 5;

// Waits for the end of its standard input, which comes with the end of whoever holds the other end; where that does not
// come in time, it kills.
const guard = `(sleep ${killAfterSeconds}; kill -9 "$1") & timer=$!; cat >/dev/null; kill "$timer"`;

/**
 * Ends this process with an exit code, certainly. `process.exit` joins V8's threads, and one of them that compiles may wait
 * for the main thread for ever (nodejs/node#54918): a process that hangs there neither works nor is started again. A small
 * process beside it then kills it.
 */
export function endProcess(code: number): never {
  try {
    const child = spawn('/bin/sh', ['-c', guard, 'sh', String(process.pid)], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    // Without a shell there is no guard.
    child.on('error', () => undefined);
    child.unref();
  } finally {
    process.exit(code);
  }
}
