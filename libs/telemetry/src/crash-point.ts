const passes = new Map<string, number>();

/**
 * Ends this process with SIGKILL where the environment variable CASEWIRE_CRASH_AT names the point: `stage.started`, or
 * `stage.started:3` for its third pass. Nothing is flushed and nobody is told, as when a machine goes away.
 * Tests of recovery set it; without it this does nothing.
 */
export function crashPoint(name: string): void {
  const wanted = process.env.CASEWIRE_CRASH_AT;
  if (!wanted) return;
  const [point, pass = '1'] = wanted.split(':');
  if (point !== name) return;
  const passed = (passes.get(name) ?? 0) + 1;
  passes.set(name, passed);
  if (passed === Number(pass)) process.kill(process.pid, 'SIGKILL');
}
