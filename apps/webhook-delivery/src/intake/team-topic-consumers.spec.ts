import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { EventLog } from '@casewire/event-log';
import { createLogger } from '@casewire/telemetry';
import { expect, test } from 'vitest';

import { organization } from '../../test/events.ts';
import { TeamTopicConsumers } from './team-topic-consumers.ts';

test('consumers can be stopped while the broker is unavailable and they have not joined their groups', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'casewire-team-topics-'));
  const broker = new EmbeddedKafka({ directory, port: 0 });
  await broker.start();
  const log = new EventLog({ brokers: [broker.brokers], clientId: 'test' });
  const away = Promise.withResolvers<void>();
  const topics = new TeamTopicConsumers({
    log,
    organizations: {
      entries: () => [['o', organization({ team: { slug: 'orders', prefixes: ['orders.'] } })]],
      onChange: () => () => undefined,
    },
    topicOf: (slug) => `events.${slug}`,
    prepare: async () => {
      await broker.stop();
      away.resolve();
    },
    groupId: 'delivery',
    handle: () => Promise.resolve(),
    logger: createLogger('test', 'silent'),
  });
  const started = topics.start();
  await away.promise;
  await topics.stop();
  await expect(started).resolves.toBeUndefined();
  await log.close();
  await rm(directory, { recursive: true });
});
