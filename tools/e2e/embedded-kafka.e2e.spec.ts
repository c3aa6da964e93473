import 'reflect-metadata';
import { describeStories } from './stories.ts';

// Without brokers of its own the platform starts the embedded one.
describeStories('the main job on embedded Kafka', async () => ({ stop: async () => {} }));
