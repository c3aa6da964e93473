import { isMainThread } from 'node:worker_threads';

// The starter of this process holds the other end of its standard input, and writes nothing to it. When that end closes, the
// starter has ended and cannot stop this process any more: it stops itself, however the starter ended.
const killAfterMs = 10_000;

// Worker threads of the process load this module too, and have no standard input of their own.
if (isMainThread) endWithStarter();

function endWithStarter(): void {
  process.stdin.resume().once('close', () => {
    process.kill(process.pid, 'SIGTERM');
    // PostgreSQL or the broker may have ended too; the orderly stop could wait for them forever.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), killAfterMs).unref();
  });
  // The listener must not keep the process alive.
  process.stdin.unref();
}
