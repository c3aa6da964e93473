import 'reflect-metadata';
import { describeScenarios } from './scenarios.ts';

// The platform starts the embedded broker if no brokers are given.
describeScenarios('the platform on embedded Kafka', async () => ({ stop: async () => {} }));
