import 'reflect-metadata';
import { testFolder } from '@casewire/testing';

import { startApacheKafka } from '../kafka/apache-kafka.ts';
import { describeStories } from './stories.ts';

const directory = testFolder('apache-kafka');

describeStories('the main job on Apache Kafka', () => startApacheKafka({ directory }));
