const passes = new Map<string, number>();
// Read once: a crash point is passed thousands of times a second.
const target = process.env.CASEWIRE_CRASH_AT;

/**
 * A point at which a test can kill the process, as a failure of the machine does: CASEWIRE_CRASH_AT=<name> kills it at the first
 * pass, <name>:<n> at the n-th. Without the variable it does nothing.
 */
export function crashPoint(name: string): void {
  if (!target) return;
  const [at, nth = '1'] = target.split(':');
  if (at !== name) return;
  const pass = (passes.get(name) ?? 0) + 1;
  passes.set(name, pass);
  if (pass === Number(nth)) process.kill(process.pid, 'SIGKILL');
}
