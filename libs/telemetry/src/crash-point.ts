const passes = new Map<string, number>();
// Looked up once: it is passed thousands of times a second.
const wanted = process.env.CASEWIRE_CRASH_AT;

/**
 * A place at which a test may have the process die as if its machine did: CASEWIRE_CRASH_AT=<name> kills it at the first
 * pass, <name>:<n> at the n-th. Without the variable it does nothing.
 */
export function crashPoint(name: string): void {
  if (!wanted) return;
  const [at, nth = '1'] = wanted.split(':');
  if (at !== name) return;
  const pass = (passes.get(name) ?? 0) + 1;
  passes.set(name, pass);
  if (pass === Number(nth)) process.kill(process.pid, 'SIGKILL');
}
