import { coresOf, watchCpu, type Processes, type Usage } from './cpu.ts';
import { publishAtRate } from './publish.ts';
import type { BenchReceiver } from './receiver.ts';
import { percentiles, round } from './statistics.ts';

export interface AtRate {
  /** From the hand-over of an event to the arrival of its request, in milliseconds. */
  p50: number;
  p95: number;
  p99: number;
  /** Cores that the counted processes used. */
  cores: number;
  usage: Usage;
}

/**
 * Measures a system that runs, at a steady rate, after a quarter of the time for warming up.
 * @param load events per second, and for how long
 * @param processes the processes whose time is read, and the names of those that count as the system's
 */
export async function measureAtRate(
  load: { rate: number; seconds: number },
  system: {
    to: Parameters<typeof publishAtRate>[0];
    event: Parameters<typeof publishAtRate>[2];
    receiver: BenchReceiver;
    processes: Processes;
    counted: readonly string[];
  },
): Promise<AtRate> {
  const { to, event, receiver, processes, counted } = system;
  await receiver.until(
    await publishAtRate(to, { rate: load.rate, seconds: load.seconds / 4 }, event),
  );
  await receiver.readAndReset();
  const used = watchCpu(processes);
  await receiver.until(await publishAtRate(to, load, event));
  const usage = used();
  const { latencies } = await receiver.readAndReset();
  return { ...percentiles(latencies), cores: round(coresOf(usage, ...counted), 3), usage };
}
