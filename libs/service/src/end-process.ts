import { spawn } from 'node:child_process';

const killAfterSeconds = 5;

// Waits until its standard input is closed, which happens when the process at the other end has ended; after the time-out it
// kills that process.
const guard = `(sleep ${killAfterSeconds}; kill -9 "$1") & timer=$!; cat >/dev/null; kill "$timer"`;

/**
 * Ends this process with an exit code, even if `process.exit` hangs: it joins V8's threads, and a thread that compiles may wait
 * for the main thread forever (nodejs/node#54918). A process that hangs there does not work and is not restarted, so a small
 * separate process kills it after 5 s.
 */
export function endProcess(code: number): never {
  try {
    const child = spawn('/bin/sh', ['-c', guard, 'sh', String(process.pid)], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    // Without a shell there is no separate process.
    child.on('error', () => undefined);
    child.unref();
  } finally {
    process.exit(code);
  }
}
