import 'reflect-metadata';
import { describeScenarios } from './scenarios.ts';

// Without brokers of its own the platform starts the embedded one.
describeScenarios('the main job on embedded Kafka', async () => ({ stop: async () => {} }));
