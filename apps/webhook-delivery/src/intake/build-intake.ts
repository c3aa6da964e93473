import type { Sealer } from '@casewire/auth';
import { teamTopic, Topics } from '@casewire/contracts';
import { deadLetterTopic, type EventLog } from '@casewire/event-log';
import { Converter } from '@casewire/event-schemas';
import type { ServiceContext } from '@casewire/service';
import type { Pool } from 'pg';

import type { DeliveryConfig } from '../config.ts';
import type { Engine } from '../engine/build-engine.ts';
import type { PartitionCounts } from '../registry/partition-counts.ts';
import type { RegistryViews } from '../registry/registry-views.ts';
import { DeadLetterIntake } from './dead-letters/dead-letter-intake.ts';
import { DeliveryBuilder } from './delivery-builder.ts';
import { EntryBuilder } from './entry-builder.ts';
import { EventIntake } from './event-intake.ts';
import { TeamTopicConsumers } from './team-topic-consumers.ts';
import { VersionConverter } from './version-converter.ts';

export interface IntakeDependencies {
  log: EventLog;
  pool: Pool;
  views: RegistryViews;
  partitions: PartitionCounts;
  sealer: Sealer;
  engine: Pick<Engine, 'dispatcher'>;
}

export interface Intake {
  events: EventIntake;
  entries: EntryBuilder;
  deadLetters: DeadLetterIntake;
  /** Consumers of the teams' topics, and of the dead letters of these. */
  teams: TeamTopicConsumers[];
}

/**
 * Builds the intake, from Kafka records to stored deliveries. The caller starts the consumers of the teams' topics.
 * @returns its parts, which stop with the service
 */
export async function buildIntake(
  context: ServiceContext<DeliveryConfig>,
  { log, pool, views, partitions, sealer, engine }: IntakeDependencies,
): Promise<Intake> {
  const { logger } = context;
  const converter = new Converter();
  context.onStop(() => converter.close());
  const deliveries = new DeliveryBuilder(new VersionConverter(views.catalog, converter), sealer);
  const entries = new EntryBuilder(views, deliveries, sealer);
  const events = new EventIntake(views, entries, engine.dispatcher, logger);
  const deadLetters = new DeadLetterIntake(pool, logger);
  for (const topic of [Topics.casewireEvents, Topics.registryEvents]) await partitions.learn(topic);
  const common = { log, organizations: views.organizations, groupId: context.name, logger };
  const teams = [
    new TeamTopicConsumers({
      ...common,
      topicOf: teamTopic,
      prepare: (topic) => partitions.learn(topic),
      handle: (records, { fetchMark }) => events.ingest(records, fetchMark),
      onFetch: (mark) => views.requestEnds(mark),
    }),
    new TeamTopicConsumers({
      ...common,
      topicOf: (slug) => deadLetterTopic(teamTopic(slug)),
      handle: (records) => deadLetters.store(records),
    }),
  ];
  for (const consumers of teams) context.onStop(() => consumers.stop());
  return { events, entries, deadLetters, teams };
}
