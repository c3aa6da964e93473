import 'reflect-metadata';
import { startApacheKafka } from '@casewire/apache-kafka';
import { testFolder } from '@casewire/testing';

import { describeStories } from './stories.ts';

const directory = testFolder('apache-kafka');

describeStories('the main job on Apache Kafka', () => startApacheKafka({ directory }));
