import type { Pool, PoolClient } from 'pg';

import type { DeliveryMetrics } from './delivery-metrics.ts';

type Connected = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/**
 * Measures from now on how long everything waits for a connection of a pool, and how many wait. `pool.query` calls `pool.connect`, so
 * that it is measured, too.
 * @param name of the pool, in the metrics
 */
export function measurePool(
  pool: Pool,
  name: string,
  metrics: Pick<DeliveryMetrics, 'waitedForConnection' | 'observePool'>,
  monotonic: () => number = () => performance.now(),
): void {
  metrics.observePool(name, () => pool.waitingCount);
  const connect = pool.connect.bind(pool) as {
    (): Promise<PoolClient>;
    (connected: Connected): void;
  };
  const measured = (connected?: Connected): Promise<PoolClient> | void => {
    const startedAt = monotonic();
    const record = () => metrics.waitedForConnection(name, (monotonic() - startedAt) / 1000);
    if (!connected) return connect().finally(record);
    connect((...result) => {
      record();
      connected(...result);
    });
  };
  pool.connect = measured as typeof pool.connect;
}
