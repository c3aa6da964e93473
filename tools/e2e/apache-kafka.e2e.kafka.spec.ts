import 'reflect-metadata';
import { startApacheKafka } from '@casewire/apache-kafka';
import { testFolder } from '@casewire/testing';

import { describeScenarios } from './scenarios.ts';

const directory = testFolder('apache-kafka');

describeScenarios('the platform on Apache Kafka', () => startApacheKafka({ directory }));
