import { deadLetterSettings, teamTopicSettings, type Organization } from '@casewire/contracts';
import {
  BatchConsumer,
  type BatchConsumerOptions,
  type EventLog,
  type PartitionLag,
} from '@casewire/event-log';
import type { Logger } from '@casewire/telemetry';

interface Organizations {
  entries(): Iterable<[string, Organization]>;
  onChange(listener: (id: string, organization: Organization | undefined) => void): () => void;
}

export interface TeamTopicConsumersOptions {
  log: EventLog;
  organizations: Organizations;
  /** The topic of a team that is consumed. */
  topicOf: (slug: string) => string;
  /** Awaited before the first record of a topic is handled. */
  prepare?: (topic: string) => Promise<void>;
  groupId: string;
  handle: BatchConsumerOptions['handle'];
  onFetch?: BatchConsumerOptions['onFetch'];
  logger: Logger;
}

/**
 * Consumes a topic of every team, including teams that are created later. Each topic has a consumer group of its own, so
 * that a new team, or one that publishes a lot, does not disturb the others. Each is consumed from its beginning.
 */
export class TeamTopicConsumers {
  private readonly consumers = new Map<string, BatchConsumer>();
  private readonly starting = new Set<Promise<void>>();
  private unsubscribe = () => {};
  private stopped = false;

  constructor(private readonly options: TeamTopicConsumersOptions) {}

  /** Resolves when the topic of every existing team is consumed, or failed to start; `retry` tries those again. */
  async start(): Promise<void> {
    const { organizations } = this.options;
    this.unsubscribe = organizations.onChange((_, organization) =>
      this.consumeTopicOf(organization),
    );
    for (const [, organization] of organizations.entries()) this.consumeTopicOf(organization);
    await Promise.all(this.starting);
  }

  get healthy(): boolean {
    return [...this.consumers.values()].every(({ healthy }) => healthy);
  }

  /** The lag of each partition that is assigned to this process and was fetched at least once. */
  get lags(): PartitionLag[] {
    return [...this.consumers.values()].flatMap(({ lags }) => lags);
  }

  /** To be called periodically: starts the consumers that could not be started before. */
  retry(): void {
    for (const [, organization] of this.options.organizations.entries())
      this.consumeTopicOf(organization);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unsubscribe();
    // A consumer that has not joined its group yet waits for a broker. Stopping ends that wait, too.
    const consumers = [...this.consumers.values()];
    await Promise.all([...consumers.map((consumer) => consumer.stop()), ...this.starting]);
  }

  private consumeTopicOf(organization: Organization | undefined): void {
    const slug = organization?.team?.slug;
    if (slug === undefined || this.stopped) return;
    if (this.consumers.has(this.options.topicOf(slug))) return;
    const starting = this.startConsumer(slug).finally(() => this.starting.delete(starting));
    this.starting.add(starting);
  }

  private async startConsumer(slug: string): Promise<void> {
    const { log, groupId, topicOf, prepare, handle, onFetch, logger } = this.options;
    const topic = topicOf(slug);
    const consumer = new BatchConsumer({
      log,
      groupId: `${groupId}-${topic}`,
      topics: [topic],
      handle,
      ...(onFetch && { onFetch }),
    });
    this.consumers.set(topic, consumer);
    try {
      const settings = teamTopicSettings(slug);
      await log.ensureTopics([settings, deadLetterSettings(settings)]);
      await prepare?.(topic);
      await consumer.start();
      logger.info({ event: 'team-topic.consumed', topic });
    } catch (error) {
      this.consumers.delete(topic);
      await consumer.stop().catch(() => undefined);
      logger.warn({ event: 'team-topic.not-consumed', topic, error });
    }
  }
}
