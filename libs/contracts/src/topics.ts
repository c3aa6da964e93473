import type { Stage } from './stage.ts';

const days = (n: number) => n * 24 * 60 * 60 * 1000;

/** Names of the Kafka topics: docs/flow.md explains each. */
export const Topics = {
  classificationRequests: 'classification.requests',
  extractionRequests: 'extraction.requests',
  forensicsRequests: 'forensics.requests',
  translationRequests: 'translation.requests',
  stageResults: 'stages.results',
  caseCommands: 'cases.commands',
  casewireEvents: 'events.casewire',
  registryEvents: 'events.registry',
  deliveryEvents: 'deliveries.events',
  eventTypes: 'catalog.event-types',
  organizations: 'registry.organizations',
  apiKeys: 'registry.api-keys',
  endpoints: 'registry.endpoints',
  secrets: 'registry.secrets',
} as const;

/** The topic of the requests to a stage. Each stage has its own, so that its lag scales it independently. */
export const requestTopic = (stage: Stage): string => `${stage}.requests`;

/** An internal team's own topic. */
export const teamTopic = (team: string): string => `events.${team}`;

/** The settings of a team's topic. */
export const teamTopicSettings = (team: string): TopicSettings => work(teamTopic(team));

export interface TopicSettings {
  topic: string;
  partitions: number;
  compacted?: boolean;
  retentionMs?: number;
}

const work = (topic: string): TopicSettings => ({ topic, partitions: 12, retentionMs: days(7) });
// Reference topics have one partition for ever, so that an offset is a point in their history.
const reference = (topic: string): TopicSettings => ({ topic, partitions: 1, compacted: true });

/** The settings of Casewire's own topics. */
export const topicSettings: readonly TopicSettings[] = [
  work(Topics.classificationRequests),
  work(Topics.extractionRequests),
  work(Topics.forensicsRequests),
  work(Topics.translationRequests),
  work(Topics.stageResults),
  work(Topics.caseCommands),
  work(Topics.casewireEvents),
  work(Topics.registryEvents),
  work(Topics.deliveryEvents),
  reference(Topics.eventTypes),
  reference(Topics.organizations),
  reference(Topics.apiKeys),
  reference(Topics.endpoints),
  reference(Topics.secrets),
];

/** The topic of records that cannot be processed. They are kept twice as long as on their own topic. */
export const deadLetterSettings = (settings: TopicSettings): TopicSettings => ({
  topic: `${settings.topic}.dlq`,
  partitions: 1,
  retentionMs: days(14),
});

/** Casewire's own topics and their dead-letter topics. Every service creates those that are missing. */
export const allTopics: readonly TopicSettings[] = topicSettings.flatMap((settings) =>
  settings.compacted ? [settings] : [settings, deadLetterSettings(settings)],
);
