import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { Meter } from '@opentelemetry/api';

import { instruments, type Instrument } from './instruments.ts';

/** A shorter interval finds shorter delays; 50 ms take less than 0.2 % of a processor. */
const intervalMs = 50;
const perSecond = 1e9;

/**
 * Measures the delay of the event loop: how much later than planned a timer fires. Each reading begins a new period.
 * @returns ends it
 */
export function measureEventLoop(meter: Meter): () => void {
  const delays = monitorEventLoopDelay({ resolution: intervalMs });
  const gauge = (instrument: Instrument) =>
    meter.createObservableGauge(instrument.name, instrument);
  const p50 = gauge(instruments.eventLoopDelayP50);
  const p99 = gauge(instruments.eventLoopDelayP99);
  const max = gauge(instruments.eventLoopDelayMax);
  // What is measured is the time between two timers, with the interval.
  const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / perSecond - intervalMs / 1000);
  meter.addBatchObservableCallback(
    (result) => {
      if (delays.count === 0) return;
      result.observe(p50, seconds(delays.percentile(50)));
      result.observe(p99, seconds(delays.percentile(99)));
      result.observe(max, seconds(delays.max));
      delays.reset();
    },
    [p50, p99, max],
  );
  delays.enable();
  return () => void delays.disable();
}
