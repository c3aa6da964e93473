import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export class ChildEnded extends Error {
  override name = 'ChildEnded';
  readonly code = 'BENCH_CHILD_ENDED';
}

/** The next message of a process. @throws ChildEnded if the process ends before it */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const done = new AbortController();
  const { signal } = done;
  const ended = once(child, 'exit', { signal }).then(([code, killed]) => {
    throw new ChildEnded(`${child.spawnfile} ended: ${killed ?? code}`);
  });
  try {
    const message = once(child, 'message', { signal }).then(([value]) => value as T);
    return await Promise.race([message, ended]);
  } finally {
    done.abort();
    ended.catch(() => undefined);
  }
}

/**
 * Starts a file of this folder as a process of its own, and resolves with its first message, which reports that it is ready.
 * @param env its environment variables, instead of those of this process
 */
export async function startChild(
  file: string,
  env: Record<string, string | undefined> = {},
): Promise<{ child: ChildProcess; ready: unknown }> {
  const child = fork(new URL(file, import.meta.url), {
    execArgv: ['--import', '#register'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  return { child, ready: await nextMessage(child) };
}

/** Ends a process that stops in order when its channel closes. */
export async function disconnectChild(child: ChildProcess): Promise<void> {
  if (!child.connected) return;
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}
