import 'reflect-metadata';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startApacheKafka } from '../kafka/apache-kafka.ts';
import { describeStories } from './stories.ts';

describeStories('the main job on Apache Kafka', () =>
  startApacheKafka({ directory: mkdtempSync(join(tmpdir(), 'casewire-apache-kafka-')) }),
);
