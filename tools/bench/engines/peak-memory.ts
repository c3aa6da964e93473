import { readdirSync, readFileSync } from 'node:fs';

const intervalMs = 100;
const pageSize = 4096;

/** Resident megabytes of a process by Linux's /proc; 0 where it is not available. */
function resident(pid: number | 'self'): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageSize) / 2 ** 20;
  } catch {
    return 0;
  }
}

function children(): number[] {
  try {
    return readdirSync('/proc/self/task').flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    return [];
  }
}

/** Measures the peak memory of this process, alone and with its child processes, in megabytes. */
export function watchMemory(): { stop(): { own: number; withChildren: number } } {
  let [own, withChildren] = [0, 0];
  const measure = () => {
    const mine = resident('self') || process.memoryUsage().rss / 2 ** 20;
    own = Math.max(own, mine);
    withChildren = Math.max(
      withChildren,
      children().reduce((sum, pid) => sum + resident(pid), mine),
    );
  };
  const timer = setInterval(measure, intervalMs);
  return {
    stop() {
      clearInterval(timer);
      measure();
      return { own: Math.round(own), withChildren: Math.round(withChildren) };
    },
  };
}
