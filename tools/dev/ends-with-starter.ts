import { isMainThread } from 'node:worker_threads';

// Whoever started this process holds the other end of its standard input, and says nothing there. When that end is gone, so
// is the one who would stop it: nothing is left behind, however the starter ended.
const lastMs = 10_000;

// Worker threads of the process load this module as well, and have no standard input of their own.
if (isMainThread) endWithStarter();

function endWithStarter(): void {
  process.stdin.resume().once('close', () => {
    process.kill(process.pid, 'SIGTERM');
    // What it stands on may be gone as well, and then it may wait for that without end.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), lastMs).unref();
  });
  // Listening is no reason to live on.
  process.stdin.unref();
}
