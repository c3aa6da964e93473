import { allTopics, Topics } from '@casewire/contracts';
import { brokerResponds, EventLog } from '@casewire/event-log';
import {
  libraryLogger,
  startMetrics,
  type Logger,
  type LogLevel,
  type Metrics,
} from '@casewire/telemetry';
import type { Pool } from 'pg';
import type { MigrationInterface } from 'typeorm';

import { openDatabase } from './database.ts';
import { kafkaAccess, type KafkaSettings } from './kafka-access.ts';
import { startMetricsServer } from './metrics-server.ts';
import { migrate } from './migrations.ts';
import { databaseResponds, type ReadinessCheck } from './readiness.ts';
import { repeatEvery } from './repeat-every.ts';

/** The variables that every service has. */
export interface CommonConfig extends KafkaSettings {
  LISTEN_HOST: string;
  LOG_LEVEL: LogLevel;
}

type StopStep = () => Promise<unknown> | void;

/** The configuration of a service, and the resources that it opens. A stop closes them in reverse order. */
export class ServiceContext<Config extends CommonConfig = CommonConfig> {
  readonly readiness: Record<string, ReadinessCheck> = {};
  private readonly stopSteps: StopStep[] = [];
  private servedMetrics: string | undefined;

  /** @param env the environment variables that OpenTelemetry defines, which are not in the configuration */
  constructor(
    readonly name: string,
    readonly config: Config,
    readonly logger: Logger,
    private readonly env: NodeJS.ProcessEnv,
    readonly now: () => Date = () => new Date(),
  ) {}

  /** The URL of the metrics; undefined if they are not served. */
  get metricsUrl(): string | undefined {
    return this.servedMetrics;
  }

  /** Adds a step of the stop. The step that was added last runs first. */
  onStop(step: StopStep): void {
    this.stopSteps.push(step);
  }

  /**
   * Migrates the database of the service to its newest schema and opens it.
   * @param connections maximum number of connections
   * @throws UnknownMigrations for a database of another version
   */
  async openDatabase(
    url: string,
    migrations: (new () => MigrationInterface)[],
    connections?: number,
  ): Promise<Pool> {
    await migrate(url, migrations);
    const pool = openDatabase(url, this.logger, connections);
    this.onStop(() => pool.end());
    this.readiness.database = databaseResponds(pool);
    return pool;
  }

  /** Connects to Kafka, and creates the topics of Casewire that do not exist. */
  async openEventLog(): Promise<EventLog> {
    const log = new EventLog({
      ...kafkaAccess(this.config, this.name),
      logger: libraryLogger(this.logger, 'event-log'),
    });
    this.onStop(() => log.close());
    await log.ensureTopics(allTopics);
    this.readiness.broker = brokerResponds(log, Topics.organizations);
    return log;
  }

  /**
   * Starts the metrics of the service. To be called before anything is opened that has metrics: it stops after that.
   * @param port where they are served; undefined: nowhere
   * @throws ConfigInvalid naming METRICS_PORT if the port is not available
   */
  async openMetrics(port: number | undefined): Promise<Metrics> {
    const { name, env, logger } = this;
    const metrics = startMetrics(name, {
      scraped: port !== undefined,
      env,
      onFailure: (error) => logger.warn({ event: 'metrics.incomplete', error }),
    });
    this.onStop(() => metrics.stop());
    if (port === undefined) return metrics;
    const scrape = () => metrics.scrape();
    const host = this.config.LISTEN_HOST;
    const server = await startMetricsServer({ port, host, scrape, logger });
    this.onStop(() => server.stop());
    this.servedMetrics = server.url;
    return metrics;
  }

  /**
   * Repeats work until the stop, one round at a time. A failed round is logged as `<event>.failed`.
   * @param ms the interval, in milliseconds
   */
  repeatEvery(ms: number, event: string, work: () => Promise<unknown>): void {
    const repeated = repeatEvery(ms, work, this.logger, event);
    this.onStop(() => repeated.stop());
  }

  /**
   * Closes everything that was opened, in reverse order. A step that fails keeps no other from running.
   * @throws the error of the first step that failed, after all steps
   */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.stopSteps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        this.logger.warn({ event: 'service.stop-step-failed', error });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
