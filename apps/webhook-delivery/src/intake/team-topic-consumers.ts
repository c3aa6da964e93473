import { deadLetterSettings, teamTopicSettings, type Organization } from '@casewire/contracts';
import { BatchConsumer, type EventLog, type IncomingRecord } from '@casewire/event-log';
import type { Logger } from '@casewire/telemetry';

interface Organizations {
  entries(): Iterable<[string, Organization]>;
  onChange(listener: (id: string, organization: Organization | undefined) => void): () => void;
}

export interface TeamTopicsOptions {
  log: EventLog;
  organizations: Organizations;
  /** Which of a team's topics is read. */
  topicOf: (slug: string) => string;
  /** Awaited before the first record of a topic is looked at. */
  learn?: (topic: string) => Promise<void>;
  groupId: string;
  take: (records: IncomingRecord[]) => Promise<void>;
  logger: Logger;
}

/**
 * Reads a topic of every team, of those that come while it runs as well: a group for each, so that a team that comes, or
 * one that publishes much, disturbs no other. Each is read from its beginning on.
 */
export class TeamTopicConsumers {
  private readonly consumers = new Map<string, BatchConsumer>();
  private readonly starting = new Set<Promise<void>>();
  private unsubscribe = () => {};
  private stopped = false;

  constructor(private readonly options: TeamTopicsOptions) {}

  /** Resolves when every topic that is known is read. */
  async start(): Promise<void> {
    const { organizations } = this.options;
    this.unsubscribe = organizations.onChange((_, organization) => this.follow(organization));
    for (const [, organization] of organizations.entries()) this.follow(organization);
    await Promise.all(this.starting);
  }

  get healthy(): boolean {
    return [...this.consumers.values()].every(({ healthy }) => healthy);
  }

  /** Also now and then: a topic that could not be read when its team came is read from here on. */
  retry(): void {
    for (const [, organization] of this.options.organizations.entries()) this.follow(organization);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unsubscribe();
    // Those that have not been let into their group yet wait for a broker: stopping ends that as well.
    const consumers = [...this.consumers.values()];
    await Promise.all([...consumers.map((consumer) => consumer.stop()), ...this.starting]);
  }

  private follow(organization: Organization | undefined): void {
    const slug = organization?.team?.slug;
    if (slug === undefined || this.stopped) return;
    if (this.consumers.has(this.options.topicOf(slug))) return;
    const starting = this.read(slug).finally(() => this.starting.delete(starting));
    this.starting.add(starting);
  }

  private async read(slug: string): Promise<void> {
    const { log, groupId, topicOf, learn, take, logger } = this.options;
    const topic = topicOf(slug);
    const consumer = new BatchConsumer({
      log,
      groupId: `${groupId}-${topic}`,
      topics: [topic],
      handle: take,
    });
    this.consumers.set(topic, consumer);
    try {
      const settings = teamTopicSettings(slug);
      await log.ensureTopics([settings, deadLetterSettings(settings)]);
      await learn?.(topic);
      await consumer.start();
      logger.info({ event: 'team-topic.read', topic });
    } catch (error) {
      this.consumers.delete(topic);
      await consumer.stop().catch(() => undefined);
      logger.warn({ event: 'team-topic.not-read', topic, error });
    }
  }
}
