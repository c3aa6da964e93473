import { randomUUID } from 'node:crypto';

import { DeliveryClient, TeamClient } from '@casewire/client';
import { deadLetterSettings, teamTopic, teamTopicSettings } from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';

import type { TestPlatform } from './test-platform.ts';

/** Creates a team with a key, and the topic that its producers publish to. */
export async function makeTeam(
  platform: TestPlatform,
  log: EventLog,
  slug: string,
  prefixes: string[],
) {
  const { id } = await platform.operator.createOrganization({
    name: slug,
    kind: 'team',
    team: { slug, prefixes },
  });
  const { key } = await platform.operator.createApiKey(id, { environment: 'production' });
  const settings = teamTopicSettings(slug);
  await log.ensureTopics([settings, deadLetterSettings(settings)]);
  return {
    id,
    catalog: new TeamClient(platform.url, key),
    delivery: new DeliveryClient(platform.url, key),
  };
}

export interface TeamEvent {
  type: string;
  /** The id of the organization that the event is for. */
  to: string;
  data: object;
  key?: string;
  headers?: object;
}

/** Publishes an event on the team's topic, as any Kafka client would. */
export const publish = (log: EventLog, slug: string, event: TeamEvent): Promise<void> =>
  log.send([
    {
      topic: teamTopic(slug),
      key: event.key ?? randomUUID(),
      value: JSON.stringify(event.data),
      headers: {
        ce_specversion: '1.0',
        ce_id: randomUUID(),
        ce_source: `/${slug}`,
        ce_type: event.type,
        ce_time: '2026-02-04T14:08:00Z',
        'content-type': 'application/json',
        ce_organization: event.to,
        ce_environment: 'sandbox',
        ...event.headers,
      },
    },
  ]);
