import { createRequire } from 'node:module';

import { type PartitionAssigner, PartitionAssigners } from 'kafkajs';

/** The part of the internal class ConsumerGroup of kafkajs 2.2.4 that the patch uses. */
export interface ConsumerGroup {
  cluster: ClusterConnections;
  /** How long the next fetch waits for records, in milliseconds. */
  maxWaitTime: number;
  fetch: (nodeId: string) => Promise<Batch[]>;
}

interface Batch {
  rawMessages: unknown[];
}

interface ClusterConnections {
  brokerPool: {
    brokers: Record<string, { connectionPool: { pool: { requestQueue: RequestQueue }[] } }>;
  };
}

interface RequestQueue {
  rejectAll(error: Error): void;
}

/** The connection of a broker that kafkajs uses for fetches, and for nothing else. */
const fetchConnection = 1;
const controls = new WeakMap<object, FetchControl>();
let patched = false;

/**
 * Control over the fetches of one kafkajs consumer, which kafkajs 2.2.4 does not give: each fetch may wait for another time, the fetch that
 * waits when the consumer stops ends at once, and partitions without records are left out of a fetch's result: kafkajs would go
 * through its steps for a batch with each of them.
 */
export class FetchControl {
  private readonly ends = new Set<() => void>();
  private ended = false;
  private cluster: ClusterConnections | undefined;

  /** @param maxWaitMs called before each fetch: how long it waits for records, in milliseconds */
  constructor(private readonly maxWaitMs: () => number) {
    patchConsumerGroup();
  }

  /** To be passed to the consumer as its assigner: the round robin of kafkajs. kafkajs creates it with the cluster of the consumer. */
  readonly assigner: PartitionAssigner = (config) => {
    this.cluster = config.cluster as unknown as ClusterConnections;
    controls.set(this.cluster, this);
    return PartitionAssigners.roundRobin(config);
  };

  /** Ends the waiting fetches without records. To be called after the stop of the consumer began: a running consumer would fetch again and again. */
  end(): void {
    this.ended = true;
    for (const end of this.ends) end();
    const brokers = this.cluster?.brokerPool.brokers ?? {};
    for (const { connectionPool } of Object.values(brokers)) {
      // Disconnecting waits for the responses to all requests.
      connectionPool.pool[fetchConnection]?.requestQueue.rejectAll(new Error('the consumer stops'));
    }
  }

  /** @internal */
  async fetch(group: ConsumerGroup, send: () => Promise<Batch[]>): Promise<Batch[]> {
    if (this.ended) return [];
    group.maxWaitTime = this.maxWaitMs();
    // One promise for each fetch: a promise of the consumer would keep something of every fetch in memory.
    const { promise: ended, resolve } = Promise.withResolvers<Batch[]>();
    const end = () => {
      resolve([]);
    };
    this.ends.add(end);
    try {
      const batches = await Promise.race([send(), ended]);
      return batches.filter(({ rawMessages }) => rawMessages.length > 0);
    } finally {
      this.ends.delete(end);
    }
  }
}

function patchConsumerGroup(): void {
  if (patched) return;
  patched = true;
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup.js') as {
    prototype: ConsumerGroup;
  };
  const fetch = prototype.fetch;
  prototype.fetch = function (nodeId) {
    const send = () => fetch.call(this, nodeId);
    return controls.get(this.cluster)?.fetch(this, send) ?? send();
  };
}
