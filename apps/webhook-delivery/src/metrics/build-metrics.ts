import type { ServiceContext } from '@casewire/service';

import type { DeliveryConfig } from '../config.ts';
import { attemptMetrics, type AttemptMetrics } from './attempt-metrics.ts';
import { deliveryMetrics, type DeliveryMetrics } from './delivery-metrics.ts';
import { measureEventLoop } from './event-loop.ts';

export interface BuiltMetrics {
  delivery: DeliveryMetrics;
  /** For the dispatcher; undefined if nobody gets the metrics. */
  attempts: AttemptMetrics | undefined;
}

/** Opens the metrics of the service, before everything that they measure. They stop with the service. */
export async function buildMetrics(context: ServiceContext<DeliveryConfig>): Promise<BuiltMetrics> {
  const { meter, enabled } = await context.openMetrics(context.config.METRICS_PORT);
  if (enabled) context.onStop(measureEventLoop(meter));
  const delivery = deliveryMetrics(meter);
  return { delivery, attempts: enabled ? attemptMetrics(delivery) : undefined };
}
